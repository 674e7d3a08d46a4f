"""What the slots are filled with: names of people and places."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FEMALE = _words(
    """Aysel Günel Nigar Leyla Aygün Sevinc Gülnar Könül Lalə Nərmin Səbinə Ülviyyə Arzu Fidan Türkan Aynur
    Elnarə Samirə Ləman Zəhra Fatimə Xədicə Nuray Aylin Sevda Təranə Rəna Məlahət Şəfiqə Gülşən
    Zeynəb Aytən Jalə İlahə Vüsalə Ruqiyyə Afaq Xatirə Naibə Solmaz Pərvanə Esmira Kəmalə Mehriban
    Şəbnəm Röya Aydan Banu Cəmilə Dilarə Fəridə Gülay Həcər İradə Kifayət Lamiyə Maya Nailə Ofelya
    Püstə Reyhan Sona Şəhla Tünzalə Ülkər Validə Yeganə Zümrüd Südabə Mələk Nəzrin Ayan İnci Turanə
    Səmayə Gövhər Bəyim Çinarə Dürdanə"""
)

MALE = _words(
    """Rəşad Elçin Vüsal Orxan Tural Kamran Elnur Anar Samir Nicat Fuad Emin Ramil Ceyhun Farid İlqar Murad
    Teymur Rauf Azər Zaur Vüqar Natiq Rövşən Həsən Hüseyn Əli Məhəmməd Yusif İbrahim Tofiq Rafiq
    Kənan Toğrul Elvin Pərviz Sənan Ruslan Eldar Cavid Ülvi Şahin Asif Bəhruz Coşqun Daşqın Fərhad
    Fikrət Qabil Qorxmaz Hikmət İsmayıl Kərim Lətif Mahir Mübariz Nadir Namiq Oqtay Polad Ramiz
    Sabir Səbuhi Şamil Taleh Tahir Vaqif Valeh Xəyal Yaşar Zakir Zahid Aqil Mətin Süleyman Nurlan
    Əkbər Davud Bəxtiyar"""
)

SURNAMES = _words(
    """Məmmədov Əliyev Həsənov Hüseynov Quliyev İbrahimov Abdullayev Kərimov Rzayev Əhmədov İsmayılov
    Babayev Cəfərov Mustafayev Nəbiyev Vəliyev Qasımov Süleymanov Yusifov Mirzəyev Bağırov Sadıqov
    Hacıyev Orucov Nəsirov Tağıyev Şirinov Rəhimov Musayev Abbasov Fərzəliyev Məlikov Cavadov
    Zeynalov Qarayev Səfərov Ağayev Bayramov Camalov Dadaşov Eyvazov Feyzullayev Heydərov İmanov
    Kazımov Lətifov Manafov Novruzov Osmanov Paşayev Ramazanov Salmanov Şükürov Talıbov Umudov
    Vahabov Xəlilov Yaqubov Zamanov Ələkbərov Nağıyev Səmədov Muradov Rüstəmov Həmidov Qədirov
    Atakişiyev Bəşirov Cəbrayılov İsgəndərov Kamilov Nuriyev Qurbanov Şahbazov Tanrıverdiyev Vəkilov
    Xanlarov Zülfüqarov Həşimov Ağalarov Mehdiyev"""
)

BANKS = (
    "Kapital Bank", "Paşa Bank", "Xalq Bank", "Unibank", "Rabitə Bank", "Bank Respublika",
    "Azər Türk Bank", "Beynəlxalq Bank", "Muğan Bank", "Ata Bank", "Turan Bank", "Ziraat Bank",
    "Yapı Kredi Bank", "Premium Bank", "Naxçıvan Bank", "Gəncə Bank", "Xəzər Bank", "Odlar Bank",
    "Afra Bank", "Bakı Bank", "Qafqaz Bank", "Avrasiya Bank", "İpək Yolu Bank", "Günəş Bank",
)  # fmt: skip

DISTRICTS = _words(
    """Nərimanov Yasamal Nəsimi Səbail Xətai Binəqədi Sabunçu Suraxanı Nizami Qaradağ Xəzər Pirallahı
    Əhmədli Biləcəri Masazır Mərdəkan Buzovna Badamdar Bayıl Yeniyasamal Keşlə Maştağa Hövsan
    Lökbatan Rəsulzadə Günəşli Zığ Nardaran Bilgəh Ramana"""
)

CITIES = _words(
    """Gəncə Sumqayıt Mingəçevir Lənkəran Şəki Naxçıvan Quba Qusar Xaçmaz Şirvan Yevlax Bərdə Ağdam Füzuli
    Şuşa Masallı Cəlilabad Astara Lerik Salyan Neftçala Sabirabad Saatlı İmişli Beyləqan Ağcabədi
    Göyçay Ucar Kürdəmir Şamaxı İsmayıllı Qəbələ Oğuz Zaqatala Balakən Qax Tovuz Qazax Ağstafa
    Gədəbəy Şəmkir Göygöl Tərtər Siyəzən Şabran Xızı Abşeron Biləsuvar"""
)

STREETS = tuple(
    f"{name} {kind}"
    for kind, names in (
        ("küçəsi", """Nizami|Füzuli|Xaqani|Tolstoy|Səməd Vurğun|Üzeyir Hacıbəyov|Cəfər Cabbarlı|Bəsti Bağırova
        |Şıxəli Qurbanov|Mirzə İbrahimov|İzmir|Ankara|Təbriz|Zərifə Əliyeva|Rəşid Behbudov|Əhməd Cavad|Nəriman
        Nərimanov|İstiqlaliyyət|Hüsü Hacıyev|Müzəffər Həsənov|Yusif Vəzir|Xətai|Mətbuat|Bülbül|Koroğlu"""),
        ("prospekti", """Azadlıq|Neftçilər|Heydər Əliyev|Tbilisi|Parlament|Babək|Atatürk|Ziya Bünyadov|Moskva
        |Xocalı|Nobel|Mikayıl Müşfiq"""),
    )
    for name in (" ".join(part.split()) for part in names.split("|"))
)  # fmt: skip

MERCHANTS = (
    "Bravo market", "Araz market", "Bazarstor", "Rahat market", "Favorit market", "Oba market",
    "Spar market", "Al market", "Grandmart", "Neptun market", "Kontakt home", "Bakı elektroniks",
    "İrşad elektroniks", "Maksi home", "Zeytun aptek", "Aptek plus", "Azal", "Gənclik mol", "Dəniz mol",
    "Park bulvar", "Ali və Nino", "Libraf", "Şaurma evi", "Kofe moll", "Merkator", "Embavud",
    "Saloğlu mebel", "Mado kafe", "Çinar restoran", "Sultan geyim", "Tap az", "Umiko", "Trendyol", "Temu",
    "Volt taksi", "Bolt taksi", "Yanğo taksi", "Bakı metrosu", "Sokar məntəqəsi", "Azpetrol",
)  # fmt: skip

MONTHS = _words("yanvar fevral mart aprel may iyun iyul avqust sentyabr oktyabr noyabr dekabr")

WEEKDAYS = ("bazar ertəsi", "çərşənbə axşamı", "çərşənbə", "cümə axşamı", "cümə", "şənbə", "bazar")

# The end of "saat ..." takes the dative, which follows the number's last vowel.
HOURS = (
    "saat səkkizə", "saat doqquza", "saat ona", "saat on birə", "saat on ikiyə", "saat on üçə",
    "saat on dördə", "saat on beşə", "saat on altıya", "saat on yeddiyə", "saat on səkkizə", "saat birə",
    "saat ikiyə", "saat üçə", "saat dördə", "saat beşə", "saat altıya", "saat yeddiyə",
)  # fmt: skip

CURRENCIES = ("dollar", "dollar", "dollar", "avro", "avro", "rubl", "türk lirəsi", "funt sterlinq")
