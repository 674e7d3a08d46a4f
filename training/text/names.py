"""Other English names of the bank's subjects: with them a model learns to read a candidate, not to count candidates.

One line a name: the name in ``topics.csv``, then what else a list of topics might call it.
"""

from __future__ import annotations

import numpy as np

from training.corpus.draw import pick

_NAMES = """
cards | bank cards; payment cards; debit and credit cards; plastic cards
loans | bank loans; credits; lending; borrowing money
transfers | money transfers; sending money; remittances; bank transfers
mobile app | mobile application; mobile banking; banking app; smartphone app
accounts | bank accounts; current accounts; account services; customer accounts
deposits | savings; term deposits; savings deposits; time deposits
ATMs and branches | cash machines and branches; branches and ATMs; bank offices and cash machines
fraud and security | fraud; security; scams and security; fraud protection
payments | paying bills; bill payments; payment services; paying for services
complaints | customer complaints; complaints about service; dissatisfaction; claims against the bank
lost or stolen card | stolen card; lost card; missing bank card; card theft or loss
new card order | ordering a new card; card issuance; applying for a card; getting a bank card
PIN code | card PIN; PIN of the card; forgotten PIN; changing the PIN
card limit | spending limit of a card; raising the card limit; withdrawal limit; limits on the card
cashback and bonuses | cashback; bonus points; rewards and cashback; loyalty bonuses
loan application | applying for a loan; new loan request; getting a cash loan; consumer loan application
loan repayment | paying back a loan; repaying the loan; monthly loan instalment; early loan repayment
late payment penalty | penalty for late payment; overdue loan fine; delay interest; late fee on a loan
mortgage | home loan; mortgage loan; buying a flat on credit; housing loan
domestic transfer | transfer within the country; local transfer; transfer to another local bank; interbank transfer
international transfer | transfer abroad; cross-border transfer; foreign transfer; sending money to another country
card to card transfer | transfer between cards; card-to-card payment; sending money to a card
transfer to the wrong person | wrong recipient; mistaken transfer; money sent by mistake; transfer to a wrong card
login problem | cannot log in; sign-in problem; problem entering the app; trouble logging in
password reset | forgotten password; resetting the password; password recovery; changing the password
app error | application error; app crashes; bug in the app; app does not work
notifications | push notifications; SMS alerts; messages from the app; alerts and notifications
account balance | balance of the account; checking the balance; money on the account; balance inquiry
account statement | bank statement; statement of the account; account history document; transaction statement
account opening | opening an account; new bank account; open a current account; starting an account
account closing | closing an account; closure of the account; terminating an account; shut down the account
deposit opening | opening a deposit; new savings deposit; putting money on deposit; start a term deposit
deposit interest | interest on a deposit; deposit rate; savings interest; yield of the deposit
early withdrawal | withdrawing a deposit early; breaking a deposit; early termination of a deposit
ATM kept the card | card swallowed by the ATM; cash machine took the card; card stuck in the ATM
ATM did not dispense cash | ATM gave no money; cash not dispensed; cash machine error with money
branch opening hours | branch working hours; when the branch is open; office hours of a branch; branch schedule
ATM location | nearest ATM; where to find an ATM; cash machine address; finding a cash machine
suspicious transaction | unknown transaction; unrecognised payment; unauthorised payment
fraudulent phone call | scam call; fake call from the bank; phone fraud; caller pretending to be the bank
phishing message | phishing; fake message with a link; scam SMS; fraudulent link
utility bill payment | paying utility bills; electricity, gas and water bills; communal payments; household bill payment
mobile top-up | topping up a phone; mobile phone credit; phone balance top-up; paying for a mobile number
failed payment | payment did not go through; declined payment; unsuccessful payment; payment error
tax and fine payment | paying taxes and fines; traffic fine payment; tax payment; state fees and fines
operator behaviour | rude operator; behaviour of the staff; impolite employee; complaint about an operator
long waiting time | long wait; waiting in the queue; waiting on the line; slow service
unexpected fee | unexpected charge; hidden fee; unexplained commission; fee taken without notice
"""

PARAPHRASES: dict[str, tuple[str, ...]] = {
    name.strip(): tuple(other.strip() for other in others.split(";"))
    for name, _, others in (line.partition("|") for line in _NAMES.strip().splitlines())
}

TEMPLATES = ("This text is about {}", "This call is about {}", "The customer talks about {}", "The subject is {}")
"""The first is what the profiles use."""


def renamed(rng: np.random.Generator, name: str, share: float = 0.4) -> str:
    """The name, or with this probability another one for the same subject."""
    return pick(rng, PARAPHRASES[name]) if name in PARAPHRASES and rng.random() < share else name


def hypotheses(rng: np.random.Generator, names: list[str]) -> list[str]:
    """A hypothesis for each name, all with one template."""
    template = TEMPLATES[0] if rng.random() < 0.7 else pick(rng, TEMPLATES)
    return [template.format(renamed(rng, name)) for name in names]
