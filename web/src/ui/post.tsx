import { Anchor, Badge, Text } from "@mantine/core";
import {
  IconBrandBluesky,
  IconBrandFacebook,
  IconBrandInstagram,
  IconBrandMastodon,
  IconBrandX,
  IconExternalLink,
  IconFlask,
  IconLock,
  IconWorld,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./post.module.css";
import { When } from "./time";

const icons = {
  mastodon: IconBrandMastodon,
  bluesky: IconBrandBluesky,
  x: IconBrandX,
  facebook: IconBrandFacebook,
  instagram: IconBrandInstagram,
  sandbox: IconFlask,
};

export function NetworkIcon({ network, size = 16 }: { network: string; size?: number }) {
  const Icon = icons[network.split(":")[0] as keyof typeof icons] ?? IconWorld;
  return <Icon size={size} aria-hidden />;
}

interface PostProps {
  network: string;
  /** The writer's handle without @, and name. */
  handle?: string;
  name?: string;
  text: string;
  at?: string;
  visibility?: string;
  url?: string;
  /** Written by us: by the advocate, or by the person named in name. */
  ours?: boolean;
  state?: ReactNode;
  children?: ReactNode;
}

/** A message as it looks on its network: text as it is, nothing loaded from elsewhere. */
export function Post({ network, handle, name, text, at, visibility, url, ours, state, children }: PostProps) {
  const { t } = useTranslation("ui");
  const shown = name || (handle ? `@${handle}` : network);
  return (
    <article className={ours ? `${classes.post} ${classes.ours}` : classes.post}>
      <div className={classes.face} aria-hidden>
        {ours ? <IconLetter /> : initials(shown)}
      </div>
      <div className={classes.main}>
        <header className={classes.head}>
          <Text component="span" fw={600} size="sm" truncate>
            {shown}
          </Text>
          {name && handle && (
            <Text component="span" size="sm" c="var(--dim)" truncate>
              @{handle}
            </Text>
          )}
          <span className={classes.meta}>
            <NetworkIcon network={network} size={14} />
            {visibility === "private" && (
              <Badge color="gray" leftSection={<IconLock size={10} />}>
                {t("visibility.private")}
              </Badge>
            )}
            {state}
            {at && (
              <Text component="span" size="xs" c="var(--dim)">
                <When at={at} />
              </Text>
            )}
            {url && /^https?:\/\//.test(url) && (
              <Anchor
                href={url}
                target="_blank"
                rel="noreferrer noopener"
                size="xs"
                aria-label={t("network.open", { network })}
              >
                <IconExternalLink size={13} />
              </Anchor>
            )}
          </span>
        </header>
        <p className={classes.text} dir="auto">
          {text}
        </p>
        {children}
      </div>
    </article>
  );
}

const IconLetter = () => <span>A</span>;

export function initials(name: string): string {
  const words = name
    .replace(/^@/, "")
    .split(/[\s._-]+/)
    .filter(Boolean);
  return ((words[0]?.[0] ?? "?") + (words.length > 1 ? (words.at(-1)?.[0] ?? "") : "")).toUpperCase();
}
