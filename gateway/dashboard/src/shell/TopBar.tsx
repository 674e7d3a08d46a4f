import { Link, NavLink } from "react-router";
import { LANGUAGES, type Language, useText } from "../i18n/I18n";
import { type Choice, useTheme } from "../theme/Theme";
import { Icon, type IconName } from "../ui/Icon";
import { UploadButton } from "../upload/UploadButton";
import styles from "./TopBar.module.css";

export function TopBar() {
  const { text } = useText();
  return (
    <header className={`${styles.bar} no-print`}>
      <div className={styles.inner}>
        <Link to="/" className={styles.brand}>
          <Mark />
          <span className={styles.name}>{text.product}</span>
        </Link>
        <nav aria-label={text.nav.label} className={styles.nav}>
          <NavItem to="/" icon="calls" name={text.nav.calls} />
          <NavItem to="/overview" icon="overview" name={text.nav.overview} />
        </nav>
        <div className={styles.tools}>
          <LanguageSwitch />
          <ThemeSwitch />
          <UploadButton />
        </div>
      </div>
    </header>
  );
}

function NavItem({ to, icon, name }: { to: string; icon: IconName; name: string }) {
  return (
    <NavLink to={to} end className={styles.link ?? ""}>
      <Icon name={icon} />
      <span>{name}</span>
    </NavLink>
  );
}

function LanguageSwitch() {
  const { text, language, setLanguage } = useText();
  return (
    <fieldset className={styles.languages}>
      <legend className="visually-hidden">{text.language.label}</legend>
      {(Object.keys(LANGUAGES) as Language[]).map((tag) => (
        <button
          key={tag}
          type="button"
          lang={tag}
          aria-pressed={tag === language}
          title={LANGUAGES[tag]}
          onClick={() => setLanguage(tag)}
        >
          <span aria-hidden="true">{tag.toUpperCase()}</span>
          <span className="visually-hidden">{LANGUAGES[tag]}</span>
        </button>
      ))}
    </fieldset>
  );
}

const NEXT: Record<Choice, Choice> = { system: "light", light: "dark", dark: "system" };
const THEME_ICONS: Record<Choice, IconName> = { system: "screen", light: "sun", dark: "moon" };

function ThemeSwitch() {
  const { text } = useText();
  const { choice, setChoice } = useTheme();
  const name = `${text.theme.label}: ${text.theme[choice]}`;
  return (
    <button
      type="button"
      className={styles.theme}
      title={name}
      aria-label={name}
      onClick={() => setChoice(NEXT[choice])}
    >
      <Icon name={THEME_ICONS[choice]} />
    </button>
  );
}

function Mark() {
  return (
    <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true" className={styles.mark}>
      <rect width="32" height="32" rx="7" fill="var(--accent)" />
      <g stroke="var(--on-accent)" strokeWidth="3" strokeLinecap="round">
        <path d="M8 12v4M13 7v9M18 10v6" />
        <path d="M13 21v1M18 21v4M23 21v2" opacity=".7" />
      </g>
    </svg>
  );
}
