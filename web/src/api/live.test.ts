import { expect, test } from "vitest";
import { parser } from "./live";

function parsed(...pieces: string[]) {
  const out: string[][] = [];
  const feed = parser((...event) => out.push(event));
  for (const piece of pieces) feed(piece);
  return out.filter(([, , data]) => data !== "");
}

test("an event is read however it is cut", () => {
  const text = 'retry: 2000\n: open\n\nid: 7\nevent: order.paid\ndata: {"a":\ndata: 1}\n\n';
  const want = [["7", "order.paid", '{"a":\n1}']];
  expect(parsed(text)).toEqual(want);
  expect(parsed(...text)).toEqual(want);
  expect(parsed(...text.replaceAll("\n", "\r\n"))).toEqual(want);
});

test("an id alone moves the place, and an unfinished event is none", () => {
  const ids: string[] = [];
  const feed = parser((id, _type, data) => ids.push(`${id}=${data}`));
  feed("id: 9\n: beat\n\n");
  feed("event: x\ndata: {}");
  expect(ids).toEqual(["9="]);
});
