import { useText } from "../i18n/I18n";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";

export function Crashed() {
  const { text } = useText();
  const reload = <Button onClick={() => location.reload()}>{text.crashed.reload}</Button>;
  return <Notice alert wholePage title={text.crashed.title} actions={reload} />;
}
