import { Anchor, type AnchorProps, Button } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, Ref } from "react";

interface Props extends AnchorProps, Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof AnchorProps> {
  ref?: Ref<HTMLAnchorElement>;
}

/** An anchor of ours to a page of ours, its address checked by the types; readable on every ground. */
export const To = createLink((props: Props) => <Anchor c="var(--accent-ink)" {...props} />);
export const ToButton = createLink(Button<"a">);
