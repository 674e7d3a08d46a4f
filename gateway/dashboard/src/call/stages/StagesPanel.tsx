import { useState } from "react";
import type { Call, StageName } from "../../api/types";
import { useText } from "../../i18n/I18n";
import { Section } from "../../ui/Section";
import { StageDetails } from "./StageDetails";
import { StageGraph } from "./StageGraph";

/** The stages as a graph; the chosen one in detail, at first the one that failed. */
export function StagesPanel({ call }: { call: Call }) {
  const { text } = useText();
  const [chosen, setChosen] = useState<StageName | null>(null);
  const shown = chosen ?? call.stages.find((stage) => stage.state === "failed")?.name ?? null;
  const stage = call.stages.find((entry) => entry.name === shown);
  return (
    <Section name="stages" title={text.stages.title} className="no-print">
      <StageGraph stages={call.stages} chosen={shown} onChoose={setChosen} />
      <StageDetails call={call} stage={stage} />
    </Section>
  );
}
