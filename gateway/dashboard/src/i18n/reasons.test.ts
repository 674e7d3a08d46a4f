import { expect, test } from "vitest";
import { az } from "./az";
import { en } from "./en";
import { reasonInWords } from "./reasons";

test("reasons are told in the language, with their numbers", () => {
  expect(reasonInWords(az, "the recording is too short: 0.52 s, less than 1 s")).toBe(
    "yazı çox qısadır: 0.52 saniyə, 1 saniyədən azdır",
  );
  expect(reasonInWords(en, "the recording is silent")).toBe("the recording is silent");
});

test("stages are named as the page names them", () => {
  const error = "summarize: needs roles; quality: out of memory";
  expect(reasonInWords(en, error)).toBe(
    "Summarising: needs “Telling the roles”, which failed; Judging quality: out of memory",
  );
  expect(reasonInWords(az, error)).toContain("Xülasənin yazılması: “Rolların təyini” alınmadığı üçün");
});

test("what is not known is shown as it came", () => {
  expect(reasonInWords(az, "the moon is full")).toBe("the moon is full");
});
