/** What the server says about failures, in Azerbaijani. A sentence that is not known here is shown as it came. */
import type { Messages } from "./en";

type Translation = [pattern: RegExp, azerbaijani: string];

const SENTENCES: Translation[] = [
  [/^no speech was found in the recording$/, "yazıda nitq tapılmadı"],
  [/^the file is empty$/, "fayl boşdur"],
  [
    /^the file is not a recording that can be read.*$/,
    "fayl oxuna bilən səs yazısı deyil (zədələnib, yarımçıqdır və ya audio deyil)",
  ],
  [/^the file has no sound track$/, "faylda səs yolu yoxdur"],
  [/^there is no sound in the file$/, "faylda səs yoxdur"],
  [/^the recording is silent$/, "yazı səssizdir"],
  [/^the recording is too short: ([\d.]+) s, less than (\d+) s$/, "yazı çox qısadır: $1 saniyə, $2 saniyədən azdır"],
  [/^the recording is too long: (\d+) minutes, more than (\d+)$/, "yazı çox uzundur: $1 dəqiqə, $2 dəqiqədən çoxdur"],
  [
    /^the file is damaged: (\d+) of its (\d+) packets cannot be decoded$/,
    "fayl zədələnib: $2 paketdən $1 paketi oxumaq olmur",
  ],
  [/^the file is cut off: its sound ends after ([\d.]+) s.*$/, "fayl yarımçıqdır: səs $1 saniyədən sonra kəsilir"],
  [/^the file cannot be decoded: (.*)$/, "faylı oxumaq mümkün olmadı: $1"],
  [/^each channel carries one party.*$/, "hər kanalda bir tərəf danışır: danışan kanaldan məlumdur"],
  [/^cancelled$/, "dayandırılıb"],
  [/^(.*) \(tried (\d+) times\)$/, "$1 ($2 dəfə cəhd edilib)"],
  [/^waiting for (\w+) at .*$/, "server gözlənilir: $1"],
  [/^the orchestrator does not answer$/, "server cavab vermir"],
  [/^the orchestrator did not answer in time$/, "server vaxtında cavab vermədi"],
  [/^try again in a few seconds$/, "bir neçə saniyədən sonra yenidən cəhd edin"],
  [/^'(.*)' is (.*), not a recording$/, "“$1” səs yazısı deyil ($2)"],
  [/^send a sound file.*$/, "səs faylı göndərin (WAV, MP3, Ogg, M4A, FLAC, AMR və s.)"],
  [/^the upload is larger than (\d+) MiB$/, "fayl $1 MB-dan böyükdür"],
  [/^send the files one by one.*$/, "faylları tək-tək göndərin"],
  [/^no stage of call \S+ has failed$/, "alınmayan mərhələ yoxdur"],
  [/^call \S+ is still running$/, "zəngin təhlili hələ davam edir"],
  [/^call \S+ has already ended$/, "zəngin təhlili artıq bitib"],
];

/** One reason, or several as a call lists them: `summarize: …; quality: …`. */
export function reasonInWords(text: Messages, reason: string): string {
  const parts = reason.split("; ").map((part) => {
    const [, stage, rest] = /^(\w+): (.+)$/s.exec(part) ?? [];
    if (stage && rest && isStage(text, stage)) return `${text.stage[stage]}: ${translate(text, rest)}`;
    return translate(text, part);
  });
  return parts.join("; ");
}

function translate(text: Messages, sentence: string): string {
  const needed = /^needs (\w+)$/.exec(sentence)?.[1];
  if (needed && isStage(text, needed)) return text.call.needs(text.stage[needed]);
  if (text.tag !== "az") return sentence;
  const found = SENTENCES.find(([pattern]) => pattern.test(sentence));
  return found ? sentence.replace(found[0], found[1]) : sentence;
}

function isStage(text: Messages, name: string): name is keyof Messages["stage"] {
  return name in text.stage;
}
