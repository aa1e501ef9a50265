import { ActionIcon, Badge, Button, Menu, SegmentedControl } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconArrowMerge, IconDots, IconDownload, IconTrash, IconUserOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, Navigate, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/problem";
import { useSession } from "@/api/session";
import { Page } from "@/ui/page";
import { Panel } from "@/ui/panel";
import { Why } from "@/ui/problem";
import { useShortcuts } from "@/ui/shortcuts";
import { Empty, Read } from "@/ui/states";
import { word } from "@/ui/word";
import classes from "./customers.module.css";
import { Erase } from "./erase";
import { History } from "./history";
import { Identities } from "./identities";
import { Matters } from "./matters";
import { Merge } from "./merge";
import { Merges } from "./merges";
import { nameOf } from "./name";
import { type CustomerDetail, customerQuery } from "./queries";
import { Facts } from "./who";

/** Everything about one customer: who, what was said and done, what is going on. */
export function CustomerPage() {
  const { t } = useTranslation("customers");
  const { customer: id } = useParams({ from: "/customers/$customer" });
  const who = useQuery({ ...customerQuery(id), retry: (n, e) => n < 2 && !(e instanceof ApiError && e.final) });
  if (who.error instanceof ApiError && who.error.status === 404) {
    return (
      <Page title={t("gone.title")}>
        <Empty
          icon={<IconUserOff />}
          title={t("gone.title")}
          text={<Why error={who.error} />}
          action={
            <Button component={Link} to="/customers" variant="default">
              {t("gone.back")}
            </Button>
          }
        />
      </Page>
    );
  }
  // One that was merged into another gives that other, and a reference is not
  // left in the address.
  if (who.data && who.data.id !== id) {
    return <Navigate to="/customers/$customer" params={{ customer: who.data.id }} replace />;
  }
  return who.data ? (
    <Customer key={id} of={who.data} />
  ) : (
    <Page title={t("title")}>
      <Read of={who}>{() => null}</Read>
    </Page>
  );
}

type Pane = "who" | "history" | "matters";

function Customer({ of: c }: { of: CustomerDetail }) {
  const { t } = useTranslation("customers");
  const narrow = useMediaQuery("(max-width: 62em)", false, { getInitialValueInEffect: false });
  const [pane, setPane] = useState<Pane>("history");
  const left = (
    <div className={classes.column}>
      <Panel title={t("who.title")}>
        <Facts of={c} />
      </Panel>
      <Identities id={c.id} />
      <Merges id={c.id} />
    </div>
  );
  const right = (
    <div className={classes.column}>
      <Matters id={c.id} />
    </div>
  );
  return (
    <Page
      fill
      title={nameOf(c)}
      aside={
        <>
          {c.tier && <Badge color="gray">{word("tier", c.tier)}</Badge>}
          {c.consent.stopped && <Badge color="red">{t("who.stopped")}</Badge>}
          {c.open_cases > 0 && <Badge>{t("openCases", { count: c.open_cases })}</Badge>}
        </>
      }
      actions={<Actions of={c} />}
    >
      {narrow ? (
        <div className={classes.narrow}>
          <div className={classes.bar}>
            <SegmentedControl
              fullWidth
              size="xs"
              aria-label={t("panes")}
              value={pane}
              onChange={(v) => setPane(v as Pane)}
              data={[
                { value: "who", label: t("who.title") },
                { value: "history", label: t("history.title") },
                { value: "matters", label: t("matters") },
              ]}
            />
          </div>
          {pane === "who" ? left : pane === "history" ? <History of={c} /> : right}
        </div>
      ) : (
        <div className={classes.customer}>
          {left}
          <History of={c} />
          {right}
        </div>
      )}
    </Page>
  );
}

/** What may be done with a customer as a whole, for who has the right to it. */
function Actions({ of: c }: { of: CustomerDetail }) {
  const { t } = useTranslation("customers");
  const may = useSession().can("erase");
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<"merge" | "erase">();
  const close = () => setDialog(undefined);
  const group = t("title");
  const why = () => void navigate({ to: "/why/$id", params: { id: c.id }, search: {} });
  useShortcuts([
    { keys: "y", label: t("why"), group, run: why },
    { keys: "escape", label: t("gone.back"), group, run: () => void navigate({ to: "/customers" }), hidden: true },
    ...(may ? [{ keys: "m", label: t("merge.action"), group, run: () => setDialog("merge") }] : []),
  ]);
  return (
    <>
      <Button variant="default" onClick={why}>
        {t("why")}
      </Button>
      {may && (
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon aria-label={t("more")} variant="default" size={30}>
              <IconDots size={17} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconArrowMerge size={16} />} onClick={() => setDialog("merge")}>
              {t("merge.action")}
            </Menu.Item>
            <Menu.Item
              component="a"
              href={`/v1/customers/${encodeURIComponent(c.id)}/export`}
              download
              leftSection={<IconDownload size={16} />}
            >
              {t("export")}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => setDialog("erase")}>
              {t("erase.action")}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      <Merge of={c} opened={dialog === "merge"} onClose={close} />
      <Erase of={c} opened={dialog === "erase"} onClose={close} />
    </>
  );
}
