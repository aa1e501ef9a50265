import { notificationsStore } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { afterEach, expect, test } from "vitest";
import { ApiError } from "@/api/problem";
import { answersAgain, forgetToasts, showError, undoLast, useAct } from "./act";

const shown = () => {
  const { notifications, queue } = notificationsStore.getState();
  return [...notifications, ...queue].length;
};

afterEach(forgetToasts);

test("that the server does not answer is not said any more once it does; a refusal stays", () => {
  showError(new ApiError(409, { detail: "taken" }));
  showError(new ApiError(0, {}), "Your reply was not sent");
  expect(shown()).toBe(2);
  answersAgain();
  expect(shown()).toBe(1);
});

test("what a toast offered cannot be asked for once all are gone", () => {
  let act!: ReturnType<typeof useAct>;
  const Page = () => {
    act = useAct();
    return null;
  };
  renderToStaticMarkup(createElement(QueryClientProvider, { client: new QueryClient() }, createElement(Page)));
  let undone = 0;
  const undo = async () => undone++;
  act.say("It is done", { undo });
  undoLast();
  expect(undone).toBe(1);
  act.say("It is done again", { undo });
  forgetToasts();
  undoLast();
  expect(undone).toBe(1);
  expect(shown()).toBe(0);
});
