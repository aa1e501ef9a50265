// What a page costs, as Chromium tells it.
import { until } from "./console.mjs";

/**
 * transferred opens url in a page with an empty cache and gives its scripts,
 * each with the bytes that came over the wire for its body. ready waits until
 * the page can be used; what it begins to load until then counts too, and what
 * that loads in turn.
 */
export async function transferred(context, url, ready) {
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send("Network.enable");
  await cdp.send("Network.setCacheDisabled", { cacheDisabled: true });
  const seen = new Map();
  const underway = new Map();
  cdp.on("Network.requestWillBeSent", ({ requestId, type, request }) => {
    if (type === "Script" || /\.m?js$/.test(request.url)) underway.set(requestId, request.url);
  });
  cdp.on("Network.responseReceived", ({ requestId, type, response }) => {
    if (type !== "Script" && !/javascript/.test(response.mimeType)) return;
    const encoding = Object.entries(response.headers).find(([k]) => k.toLowerCase() === "content-encoding")?.[1] ?? "";
    seen.set(requestId, { url: response.url, encoding, bytes: 0, headers: response.encodedDataLength });
  });
  cdp.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const s = seen.get(requestId);
    if (s) s.bytes = encodedDataLength - s.headers;
    underway.delete(requestId);
  });
  cdp.on("Network.loadingFailed", ({ requestId }) => underway.delete(requestId));
  await page.goto(url);
  await ready(page);
  // A script that has come asks for others when it runs: until the page has nothing to do.
  await until("every script has come", async () => {
    await page.evaluate(() => new Promise((done) => { requestIdleCallback(done, { timeout: 1000 }); }));
    return [...underway.values()];
  }, (list) => list.length === 0);
  await page.close();
  return [...seen.values()];
}
