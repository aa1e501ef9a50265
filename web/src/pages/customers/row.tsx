import { Badge, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { CustomerSummary } from "@/api/schema";
import type { OptionProps } from "@/ui/combobox";
import { initials, NetworkIcon } from "@/ui/post";
import { Ago } from "@/ui/time";
import { word } from "@/ui/word";
import classes from "./customers.module.css";
import { nameOf } from "./name";

interface RowProps {
  of: CustomerSummary;
  option: OptionProps;
  /** The pointer has chosen it. */
  onSelect: () => void;
}

/** One customer of those that a search found. */
export function CustomerRow({ of: c, option, onSelect }: RowProps) {
  const { t } = useTranslation("customers");
  const name = nameOf(c);
  const identities = c.identities ?? [];
  return (
    <Link
      to="/customers/$customer"
      params={{ customer: c.id }}
      className={classes.row}
      data-current={option["aria-selected"] || undefined}
      {...option}
      onFocus={onSelect}
    >
      <span className={classes.face} aria-hidden>
        {initials(name)}
      </span>
      <span className={classes.rowMain}>
        <span className={classes.rowLine}>
          <Text component="span" fw={600} size="sm" truncate>
            {name}
          </Text>
          {c.tier && <Badge color="gray">{word("tier", c.tier)}</Badge>}
        </span>
        <span className={classes.rowDim}>
          {identities.slice(0, 3).map((i) => (
            <span key={`${i.network}/${i.author}`} className={classes.handle}>
              <NetworkIcon network={i.network} size={13} />@{i.handle || i.author}
            </span>
          ))}
          {identities.length > 3 && <span>+{identities.length - 3}</span>}
          {c.ref && <span>{c.ref}</span>}
        </span>
      </span>
      <span className={classes.rowEnd}>
        {c.open_cases > 0 && <Badge>{t("openCases", { count: c.open_cases })}</Badge>}
        <Text component="span" size="xs" c="var(--dim)">
          <Ago at={c.last_at || c.created_at} />
        </Text>
      </span>
    </Link>
  );
}
