import { Anchor, Button } from "@mantine/core";
import { createLink } from "@tanstack/react-router";

/** An anchor of ours to a page of ours, its address checked by the types. */
export const To = createLink(Anchor<"a">);
export const ToButton = createLink(Button<"a">);
