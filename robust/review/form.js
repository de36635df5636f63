"use strict";
// One item at a time: a set of thousands is as quick as a set of ten. All text goes through textContent.
const data = JSON.parse(document.getElementById("data").textContent);
const key = "robust-review " + data.sample;
const find = (id) => document.getElementById(id);
const warn = (text) => { find("warning").textContent = text; find("warning").hidden = !text; };

const fresh = () => ({ rater: "", kind: "person", at: 0, ratings: {} });
function load() {
  try {
    const kept = JSON.parse(localStorage.getItem(key));
    return kept && kept.ratings ? Object.assign(fresh(), kept) : fresh();
  } catch { return fresh(); }
}
let state = load();

function keep() {
  try { localStorage.setItem(key, JSON.stringify(state)); warn(""); }
  catch { warn("This browser does not keep your work: download the ratings before you close the page."); }
}

const item = () => data.items[state.at];
const rating = () => state.ratings[item().item] || { verdict: "", reason: "", note: "" };
const rated = () => data.items.filter((i) => (state.ratings[i.item] || {}).verdict).length;

function marked(place, text, marks) {
  const parts = [];
  let last = 0;
  for (const [start, end] of marks) {
    parts.push(text.slice(last, start));
    const mark = document.createElement("mark");
    mark.textContent = text.slice(start, end);
    parts.push(mark);
    last = end;
  }
  place.replaceChildren(...parts, text.slice(last));
}

function show() {
  const shown = item();
  find("place").textContent = `${state.at + 1} of ${data.items.length}`;
  find("place").title = shown.variant_id;
  marked(find("before"), shown.question, shown.question_marks);
  marked(find("after"), shown.rewritten, shown.rewritten_marks);
  marked(find("paragraph"), data.paragraphs[shown.paragraph], shown.answer_marks);
  find("meaning").textContent = shown.meaning;
  find("meaning").hidden = find("meaning-name").hidden = !shown.meaning;
  find("answers").textContent = shown.answers.join("  |  ") || data.no_answer;
  find("answers-name").textContent = shown.answers.length > 1 ? "Answers" : "Answer";
  find("back").disabled = state.at === 0;
  find("on").disabled = state.at === data.items.length - 1;
  verdict();
}

function verdict() {
  const now = rating();
  for (const button of document.querySelectorAll("[data-verdict]"))
    button.setAttribute("aria-pressed", String(button.dataset.verdict === now.verdict));
  for (const button of document.querySelectorAll("[data-reason]"))
    button.setAttribute("aria-pressed", String(button.dataset.reason === now.reason));
  find("reasons").hidden = now.verdict !== "reject";
  if (find("note").value !== now.note) find("note").value = now.note;
  const done = rated();
  find("bar").max = data.items.length;
  find("bar").value = done;
  find("count").textContent = done === data.items.length
    ? "All rated: download the ratings" : `${done} rated`;
}

function set(change) {
  state.ratings[item().item] = { ...rating(), ...change };
  keep();
  verdict();
}

function go(place) {
  state.at = Math.max(0, Math.min(data.items.length - 1, place));
  keep();
  show();
  const main = document.querySelector("main");
  if (main.getBoundingClientRect().top < 0) main.scrollIntoView();
}

function judge(name) {
  find("guide").open = false; // once it is understood, the paragraph needs the room
  set({ verdict: name, reason: name === "reject" ? rating().reason : "" });
  if (name !== "reject") go(state.at + 1); // a rejection waits for its reason
}

function explain(reason) {
  if (rating().verdict !== "reject") return;
  set({ reason });
  go(state.at + 1);
}

function next() {
  const order = data.items.map((_, i) => (state.at + 1 + i) % data.items.length);
  const open = order.find((i) => !(state.ratings[data.items[i].item] || {}).verdict);
  if (open !== undefined) go(open);
}

// The same shape as the spreadsheet; a cell that a spreadsheet would run as a formula gets an apostrophe.
function cell(value) {
  const plain = value.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
  const text = /^[ \xa0]*[=+\-@\t\r\n＝＋－＠]/.test(plain) ? "'" + plain : plain;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function table() {
  const columns = ["item", "variant_id", "question", "rewritten", "verdict", "reason", "note", "rater",
    "rater_kind", "set_sha256"];
  const lines = data.items.map((i) => {
    const row = { ...i, ...(state.ratings[i.item] || { verdict: "", reason: "", note: "" }),
      rater: state.rater, rater_kind: state.kind, set_sha256: data.set_sha256 };
    return columns.map((name) => cell(row[name])).join(",");
  });
  return "\ufeff" + [columns.join(","), ...lines].join("\r\n") + "\r\n";
}

function download() {
  if (!state.rater.trim()) {
    warn("Write your name or initials first.");
    find("rater").focus();
    return;
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([table()], { type: "text/csv;charset=utf-8" }));
  const name = state.rater.trim().replace(/[^\p{L}\p{N}]+/gu, "-");
  link.download = `ratings-${name}-${data.set_sha256.slice(0, 8)}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

data.reasons.forEach((reason, i) => {
  const button = document.createElement("button");
  const digit = document.createElement("kbd");
  digit.textContent = String(i + 1);
  button.type = "button";
  button.dataset.reason = reason;
  button.append(digit, " " + reason);
  button.addEventListener("click", () => explain(reason));
  find("reasons").append(button);
});
for (const button of document.querySelectorAll("[data-verdict]"))
  button.addEventListener("click", () => judge(button.dataset.verdict));
find("back").addEventListener("click", () => go(state.at - 1));
find("on").addEventListener("click", () => go(state.at + 1));
find("note").addEventListener("input", (event) => set({ note: event.target.value }));
find("rater").addEventListener("input", (event) => { state.rater = event.target.value; keep(); });
find("kind").addEventListener("change", (event) => { state.kind = event.target.value; keep(); });
find("download").addEventListener("click", download);
find("clear").addEventListener("click", () => {
  if (confirm("Forget all verdicts on this page?")) { state = fresh(); keep(); start(); }
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, select, textarea")) {
    if (event.key === "Escape" || event.key === "Enter") event.target.blur();
    return;
  }
  const verdicts = { a: "accept", r: "reject", s: "unsure" };
  const typed = event.key.toLowerCase();
  if (verdicts[typed]) { if (!event.repeat) judge(verdicts[typed]); } // a key held down judges one item
  else if (data.reasons[typed - 1]) { if (!event.repeat) explain(data.reasons[typed - 1]); }
  else if (event.key === "ArrowLeft") go(state.at - 1);
  else if (event.key === "ArrowRight") go(state.at + 1);
  else if (typed === "n") next();
  else return;
  event.preventDefault();
});

function start() {
  find("rater").value = state.rater;
  find("kind").value = state.kind;
  state.at = Math.max(0, Math.min(data.items.length - 1, Number(state.at) || 0));
  if (rated()) find("guide").open = false;
  show();
}
start();
