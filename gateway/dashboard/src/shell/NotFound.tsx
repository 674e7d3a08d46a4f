import { Link } from "react-router";
import { useText } from "../i18n/I18n";
import { Notice } from "../ui/Notice";
import { useTitle } from "./useTitle";

export function NotFound() {
  const { text } = useText();
  useTitle(text.notFound.title);
  return <Notice wholePage title={text.notFound.title} actions={<Link to="/">{text.notFound.home}</Link>} />;
}
