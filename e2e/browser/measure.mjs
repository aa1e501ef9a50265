// What a page costs, as Chromium tells it.

/**
 * transferred opens url in a page with an empty cache and gives its scripts
 * with the bytes that came over the wire for their bodies.
 */
export async function transferred(context, url, ready) {
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send("Network.enable");
  await cdp.send("Network.setCacheDisabled", { cacheDisabled: true });
  const seen = new Map();
  cdp.on("Network.responseReceived", ({ requestId, type, response }) => {
    if (type !== "Script" && !/javascript/.test(response.mimeType)) return;
    const encoding = Object.entries(response.headers).find(([k]) => k.toLowerCase() === "content-encoding")?.[1] ?? "";
    seen.set(requestId, { url: response.url, encoding, bytes: 0, headers: response.encodedDataLength });
  });
  cdp.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const s = seen.get(requestId);
    if (s) s.bytes = encodedDataLength - s.headers;
  });
  await page.goto(url);
  await ready(page);
  await page.waitForTimeout(500);
  await page.close();
  return [...seen.values()];
}
