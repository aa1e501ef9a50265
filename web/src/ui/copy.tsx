import { Button, Group, Text, Title } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./copy.module.css";

/** Something to copy as it stands: a command, a secret, a piece of a file. */
export function Snippet({ text, label, wrap }: { text: string; label: string; wrap?: boolean }) {
  const { t } = useTranslation("ui");
  const clip = useClipboard({ timeout: 2000 });
  return (
    <div className={classes.box}>
      {/* What scrolls has to be reachable by the keyboard. */}
      <pre className={wrap ? `${classes.text} ${classes.wrap}` : classes.text} tabIndex={wrap ? undefined : 0}>
        {text}
      </pre>
      <Button
        className={classes.button}
        variant="default"
        size="compact-xs"
        leftSection={clip.copied ? <IconCheck size={13} /> : <IconCopy size={13} />}
        onClick={() => clip.copy(text)}
        aria-label={`${t(clip.copied ? "copied" : "copy")}: ${label}`}
      >
        {t(clip.copied ? "copied" : "copy")}
      </Button>
      <span className="sr-only" role="status">
        {clip.copied ? t("copied") : ""}
      </span>
    </div>
  );
}

interface OnceProps {
  title: string;
  /** That it is shown now and never again, and what to do with it. */
  text: ReactNode;
  secret: string;
  label: string;
  done: () => void;
}

/** A secret that is shown this once. It stays until somebody says that they have it. */
export function Once({ title, text, secret, label, done }: OnceProps) {
  const { t } = useTranslation("ui");
  return (
    <section className={classes.once} aria-label={title} role="status">
      <Title order={2} size="h3">
        {title}
      </Title>
      <Text size="sm">{text}</Text>
      <Snippet text={secret} label={label} wrap />
      <Group>
        <Button variant="default" onClick={done} data-autofocus>
          {t("kept")}
        </Button>
      </Group>
    </section>
  );
}
