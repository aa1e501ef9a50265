import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The server puts a nonce of its own in place of this word in every answer, in
// the page as in its policy.
const noncePlaceholder = "__CSP_NONCE__";

export default defineConfig({
  plugins: [react()],
  html: { cspNonce: noncePlaceholder },
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  build: {
    outDir: "../internal/console/dist",
    // The folder keeps its .keep: Go embeds it also where nothing was built.
    emptyOutDir: false,
    assetsDir: "console",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    target: "es2022",
    // The first that know light-dark(), which what replaces it does wrong when the look is chosen by hand.
    cssTarget: ["chrome123", "edge123", "firefox120", "safari17.5"],
    chunkSizeWarningLimit: 900,
  },
  server: {
    // `npm run dev` beside a running `advocate demo`.
    proxy: Object.fromEntries(
      ["/v1", "/assets", "/sign-in", "/link", "/account", "/docs", "/openapi.json"].map((path) => [
        path,
        "http://127.0.0.1:8080",
      ]),
    ),
  },
});
