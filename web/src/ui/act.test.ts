import { notificationsStore } from "@mantine/notifications";
import { expect, test } from "vitest";
import { ApiError } from "@/api/problem";
import { answersAgain, showError } from "./act";

const shown = () => {
  const { notifications, queue } = notificationsStore.getState();
  return [...notifications, ...queue].length;
};

test("that the server does not answer is not said any more once it does; a refusal stays", () => {
  showError(new ApiError(409, { detail: "taken" }));
  showError(new ApiError(0, {}), "Your reply was not sent");
  expect(shown()).toBe(2);
  answersAgain();
  expect(shown()).toBe(1);
});
