import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "@mantine/spotlight/styles.css";
import "./app/base.css";
import { MantineProvider } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { setNonce } from "get-nonce";
import { StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "./api/problem";
import { makeRouter } from "./app/router";
import { theme } from "./app/theme";
import { startTexts } from "./i18n";
import { fetchRest } from "./ui/part";
import { Loading } from "./ui/states";

// The page's policy lets in styles that carry its nonce, and no others.
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
setNonce(nonce);

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // The stream says what changed; a page that stands for long is read anew when somebody comes back to it.
      staleTime: 10_000,
      retry: (n, error) => n < 2 && !(error instanceof ApiError && error.final),
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});
const router = makeRouter(queries);

/**
 * Beside the work: in the menu's column above the account where there is room, else over the top bar's name, away from
 * the thumb's buttons and from the page's head. Only their own buttons can be pressed; a press elsewhere goes to what
 * they lie over.
 */
function Toasts() {
  const phone = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  return <Notifications className="toasts" position={phone ? "top-center" : "bottom-left"} limit={8} />;
}

void startTexts().then(() => {
  createRoot(document.getElementById("root") as HTMLElement).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
        <QueryClientProvider client={queries}>
          <Toasts />
          <Suspense fallback={<Loading />}>
            <RouterProvider router={router} />
          </Suspense>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
  fetchRest();
});
