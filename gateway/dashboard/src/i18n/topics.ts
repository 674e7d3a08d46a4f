/** Names of topics for people: topics.csv holds the list's English names and the bank's Azerbaijani ones. */
import csv from "../../../../topics.csv?raw";
import type { Language } from "./I18n";

const topics = new Map<string, string>();
const subtopics = new Map<string, string>();

for (const line of csv.split(/\r?\n/).slice(1)) {
  const [topic, subtopic, topicAz, subtopicAz] = line.split(",");
  if (topic && topicAz) topics.set(topic, topicAz);
  if (topic && subtopic && subtopicAz) subtopics.set(`${topic}/${subtopic}`, subtopicAz);
}

/** A topic that is not in the list is shown as the server names it. */
export function topicName(language: Language, topic: string): string {
  return (language === "az" && topics.get(topic)) || capitalise(topic);
}

export function subtopicName(language: Language, topic: string, subtopic: string): string {
  return (language === "az" && subtopics.get(`${topic}/${subtopic}`)) || capitalise(subtopic);
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
