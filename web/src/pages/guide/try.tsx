import { Button, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import { sandboxQuery } from "@/api/queries/sandbox";
import type { SandboxPost } from "@/api/schema";
import { useAct } from "@/ui/act";
import { Post } from "@/ui/post";
import type { BodyProps } from "./bodies";
import classes from "./guide.module.css";

/** The made-up customer of the first post. */
const handle = "first_customer";
const everyMs = 1000;

/** A post as a customer, and what came of it, here on the page. */
export function TryIt({ stay }: BodyProps) {
  const { t } = useTranslation("guide");
  const act = useAct();
  const box = useQuery({ ...sandboxQuery, retry: false });
  const company = box.data?.handle ?? "advocate";
  const [text, setText] = useState<string | null>(null);
  const [mine, setMine] = useState<SandboxPost | null>(null);
  const words = text ?? t("step.try.sample", { handle: company });
  const thread = useQuery({
    queryKey: ["sandbox", "thread", mine?.id],
    queryFn: async () =>
      (
        await take(
          api.GET("/v1/sandbox/posts/{id}/thread", {
            params: { path: { id: mine?.id ?? "" }, query: { as: handle } },
          }),
        )
      ).items ?? [],
    enabled: !!mine,
    refetchInterval: everyMs,
  });
  const shown = thread.data ?? (mine ? [mine] : []);
  const answered = shown.some((p) => p.company);
  const post = () =>
    act.now(
      async () => {
        stay(); // with the first post the step is done, and its answer is to be read
        setMine(
          await take(
            api.POST("/v1/sandbox/posts", {
              // In private: a number that was posted in public is not called.
              body: { handle, name: t("step.try.name"), text: words, visibility: "private" },
            }),
          ),
        );
      },
      { touches: [["status"], ["connections"], ["cases-list"]] },
    );
  if (box.isError) return <p>{t("step.try.off")}</p>;
  return (
    <>
      <p>{t("step.try.text")}</p>
      {!mine && (
        <form
          className={classes.form}
          onSubmit={(e) => {
            e.preventDefault();
            void post();
          }}
        >
          <Textarea
            label={t("step.try.label")}
            value={words}
            onChange={(e) => setText(e.currentTarget.value)}
            autosize
            minRows={2}
            required
          />
          <div className={classes.acts}>
            <Button type="submit" loading={act.busy}>
              {t("step.try.post")}
            </Button>
            <Button component={Link} to="/sandbox" variant="default">
              {t("step.try.sandbox")}
            </Button>
          </div>
        </form>
      )}
      {mine && (
        <div className={classes.thread} aria-live="polite">
          {shown.map((p) => (
            <Post
              key={p.id}
              network="sandbox"
              handle={p.handle}
              name={p.company ? undefined : p.name}
              text={p.text}
              at={p.at}
              visibility={p.visibility}
              ours={p.company}
            />
          ))}
          {!answered && <p className={classes.dim}>{t("step.try.waiting")}</p>}
          {answered && <Handled post={mine} again={() => setMine(null)} />}
        </div>
      )}
    </>
  );
}

/** Where to look at what happened. */
function Handled({ post, again }: { post: SandboxPost; again: () => void }) {
  const { t } = useTranslation("guide");
  return (
    <>
      <p>
        <strong>{t("step.try.handled")}</strong> {t("step.try.look")}
      </p>
      <div className={classes.acts}>
        <Button renderRoot={(p) => <Link {...p} to="/why/$id" params={{ id: post.id }} />}>{t("step.try.why")}</Button>
        <Button component={Link} to="/live" variant="default">
          {t("toLive")}
        </Button>
        <Button component={Link} to="/desk" variant="default">
          {t("toDesk")}
        </Button>
        <Button variant="subtle" onClick={again}>
          {t("step.try.again")}
        </Button>
      </div>
    </>
  );
}
