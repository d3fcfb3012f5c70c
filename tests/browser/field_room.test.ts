/** A photo for which the server has no room is not lost: it stays on the phone, says why, and goes when somebody tries again. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launch, Person, readCampaign } from "./campaign";
import { Phone, picture } from "./phone";
import { serve, type Serving } from "./server";

const BOUND = "ZAITI_MAX_ACCOUNT_PHOTO_BYTES";
const folder = mkdtempSync(join(tmpdir(), "zaiti-room-"));
let server: Serving;
let phone: Phone | undefined;

beforeAll(async () => {
  process.env[BOUND] = "1000";
  server = await serve(join(folder, "demo.gpkg"));
});
afterAll(async () => {
  Reflect.deleteProperty(process.env, BOUND);
  await phone?.close();
  server.stop();
  rmSync(folder, { recursive: true, force: true });
});

it("waits in the queue with its reason, in the language of the page, and arrives once there is room", async () => {
  const steward = await Person.logIn("test-steward", server.url);
  const campaign = await launch(steward);
  const code = campaign.targets[0]?.code ?? "";
  phone = await Phone.make(server.url);
  await phone.ready(campaign);
  await phone.target(code);
  await phone.page
    .locator("[data-slot] input[type=file]")
    .first()
    .setInputFiles(picture(200, 7));
  await phone.page.locator("[data-slot] canvas").first().waitFor();
  await phone.page.locator("[data-answer=confirmed]").click();
  await phone.page.locator("[data-said=saved]").waitFor();
  for (const [lang, words] of [
    ["en", "No room for more photos of this account"],
    ["de", "kein Platz für weitere Bilder dieses Kontos"],
    ["zh", "照片空间已满"],
  ] as const) {
    await phone.open("#queue", lang);
    const waiting = phone.page.locator("[data-entry=photo][data-state=sent]");
    await waiting.getByText(words).waitFor();
    await waiting.getByText("expected at most 1000").waitFor();
  }
  // The visit counts; nothing says that all has arrived.
  await phone.page.locator("[data-entry=visit][data-state=applied]").waitFor();
  await phone.page.locator('[data-unsent="1"]').first().waitFor();
  Reflect.deleteProperty(process.env, BOUND);
  await server.without(["campaign", "list"]);
  await phone.open("#queue");
  await phone.page.getByRole("button", { name: "Try now" }).click();
  await phone.page.locator("[data-entry=photo][data-state=applied]").waitFor();
  expect((await readCampaign(steward, campaign.id)).numbers).toMatchObject({
    photos_taken: 1,
    photos_verified: 1,
  });
});
