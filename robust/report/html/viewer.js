"use strict";
// Text of the data goes into the page through textContent and text nodes alone: it is never markup.
const find = (id) => document.getElementById(id);

function element(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
}

// ---- colours: as the system, light, dark
{
  const button = find("theme");
  const order = ["", "light", "dark"];
  const told = { "": "as the system", light: "light", dark: "dark" };
  let theme = "";
  try { theme = localStorage.getItem("robust-theme") || ""; } catch (refused) { /* a browser may forbid it */ }
  const show = () => {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    button.textContent = `Colours: ${told[theme] || told[""]}`;
  };
  button.addEventListener("click", () => {
    theme = order[(order.indexOf(theme) + 1) % order.length];
    try { localStorage.setItem("robust-theme", theme); } catch (refused) { /* as above */ }
    show();
  });
  button.hidden = false;
  show();
}

// ---- what is folded on the screen is printed too
{
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details.print:not([open])")];
    for (const one of opened) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of opened) one.open = false; });
}

// ---- the viewer
const island = find("data");
if (island) {
  const data = JSON.parse(island.textContent);
  const { strings, paragraphs, rows, models, sets, limits } = data;
  const [ids, asked, inParagraph, answerable, golds, goldPlaces] = data.questions;
  const [ofSet, ofQuestion, questionEdits, contextEdits, variantIds] = data.variants;
  const RIGHT = 0, WRONG = 1, ABSTAINED = 2;
  const HEIGHT = 66;
  const POS = { n: "noun", v: "verb", a: "adjective", r: "adverb" };
  const OUTCOMES = {
    fell: ["fell: was right, is not", (b, a) => b === RIGHT && a !== RIGHT],
    span: ["fell: right to wrong span", (b, a, q) => b === RIGHT && a === WRONG && answerable[q]],
    held: ["fell: right to abstained", (b, a) => b === RIGHT && a === ABSTAINED],
    answered: ["fell: answers the unanswerable", (b, a, q) => b === RIGHT && a === WRONG && !answerable[q]],
    stayed: ["stayed right", (b, a) => b === RIGHT && a === RIGHT],
    gained: ["gained: was wrong, is right", (b, a) => b !== RIGHT && a === RIGHT],
    wrong: ["stayed wrong", (b, a) => b !== RIGHT && a !== RIGHT],
  };

  // a text cut at its edits: [text, is it edited]; new is the text they make
  function pieces(text, edits, made) {
    const found = [];
    let last = 0;
    for (const [start, end, after] of edits) {
      if (start > last) found.push([text.slice(last, start), false]);
      const part = made ? strings[after] : text.slice(start, end);
      if (part) found.push([part, true]);
      last = end;
    }
    if (last < text.length) found.push([text.slice(last), false]);
    return found;
  }

  function addPieces(parent, parts, tag) {
    for (const [text, edited] of parts) {
      parent.append(edited ? element(tag, "", text) : document.createTextNode(text));
    }
    return parent;
  }

  const count = rows.variant.length;
  // which variants have others of the same question in the same set beside them
  const tally = new Map();
  const keyOf = (v) => `${ofSet[v]} ${ofQuestion[v]}`;
  for (let v = 0; v < ofSet.length; v++) tally.set(keyOf(v), (tally.get(keyOf(v)) || 0) + 1);
  const several = ofSet.map((_, v) => tally.get(keyOf(v)) > 1);
  const textOf = (question) => (asked[question] < 0 ? "" : strings[asked[question]]);
  const newText = (variant) => pieces(textOf(ofQuestion[variant]), questionEdits[variant], true).map((p) => p[0]).join("");

  // lower-cased texts to search in, made when they are first needed
  let lowStrings = null, lowNew = null, lowIds = null, lowVariants = null;
  function prepare() {
    lowStrings = lowStrings || strings.map((text) => text.toLowerCase());
    lowIds = lowIds || ids.map((id) => id.toLowerCase());
    lowVariants = lowVariants || variantIds.map((id) => id.toLowerCase());
    lowNew = lowNew || ofQuestion.map((_, variant) => newText(variant).toLowerCase());
  }
  (window.requestIdleCallback || setTimeout)(prepare);

  const state = { shown: new Int32Array(0), chosen: 0, paragraph: false };

  function options(select, all, values) {
    select.append(new Option(all, ""));
    for (const [value, label] of values) select.append(new Option(label, value));
  }
  options(find("v-set"), "all sets", sets.map((name, i) => [i, name]));
  options(find("v-model"), "all readers", models.map((name, i) => [i, name]));
  options(find("v-outcome"), "any outcome", Object.entries(OUTCOMES).map(([key, one]) => [key, one[0]]));
  options(find("v-answerable"), "both", [["1", "answerable"], ["0", "unanswerable"]]);
  options(find("v-pos"), "any word", Object.entries(POS));

  // a choice of one is none
  if (sets.length < 2) find("v-set").parentElement.hidden = true;
  if (models.length < 2) find("v-model").parentElement.hidden = true;
  if (!questionEdits.some((edits) => edits.some((edit) => edit[3]))) find("v-pos").parentElement.hidden = true;

  function filter() {
    const value = (id) => find(id).value;
    const words = value("v-search").trim().toLowerCase();
    const set = value("v-set"), model = value("v-model"), half = value("v-answerable"), pos = value("v-pos");
    const outcome = OUTCOMES[value("v-outcome")];
    const variants = ofSet.length;
    let hits = null, strung = null;
    if (words) {
      prepare();
      strung = new Uint8Array(strings.length);
      for (let i = 0; i < strings.length; i++) strung[i] = lowStrings[i].includes(words) ? 1 : 0;
    }
    if (words || set !== "" || half !== "" || pos) {
      hits = new Uint8Array(variants);
      for (let v = 0; v < variants; v++) {
        const question = ofQuestion[v];
        if (set !== "" && ofSet[v] !== Number(set)) continue;
        if (half !== "" && answerable[question] !== Number(half)) continue;
        if (pos && !questionEdits[v].some((edit) => edit[3] === pos)) continue;
        hits[v] = 1;
        if (!words) continue;
        const known = asked[question] >= 0 && (strung[asked[question]] || lowNew[v].includes(words));
        if (known || lowIds[question].includes(words) || lowVariants[v].includes(words) || golds[question].some((gold) => strung[gold])) hits[v] = 2;
      }
    }
    const kept = new Int32Array(count);
    let n = 0;
    for (let i = 0; i < count; i++) {
      const v = rows.variant[i];
      if (hits && !hits[v]) continue;
      if (words && hits[v] !== 2 && !strung[rows.said[i]] && !strung[rows.says[i]]) continue;
      if (model !== "" && rows.model[i] !== Number(model)) continue;
      if (outcome && !outcome[1](rows.before[i], rows.after[i], ofQuestion[v])) continue;
      kept[n++] = i;
    }
    state.shown = kept.subarray(0, n);
    state.chosen = 0;
    find("v-count").textContent = `${n.toLocaleString("en")} of ${count.toLocaleString("en")} shown`;
    find("v-space").style.height = `${n * HEIGHT}px`;
    find("v-list").scrollTop = 0;
    draw();
    detail();
  }

  function verdict(i) {
    const before = rows.before[i], after = rows.after[i], possible = answerable[ofQuestion[rows.variant[i]]];
    const name = (one) => {
      if (possible) return ["right", "wrong span", "abstained"][one];
      return ["abstained, rightly", "answered, wrongly", "abstained"][one];
    };
    const kind = before === RIGHT && after !== RIGHT ? "fell" : before !== RIGHT && after === RIGHT ? "gained" : "";
    return [before === after ? `stayed ${name(before)}` : `${name(before)} → ${name(after)}`, kind];
  }

  const fixed = (value) => value.toFixed(2).replace("-", "−");
  const NEVER = 1e5; // a threshold beyond this is no odds
  function threshold(bound, odds) {
    if (Math.abs(bound) > NEVER) return bound > 0 ? "its threshold never abstains" : "its threshold always abstains";
    return `threshold ${fixed(bound)} (${odds > bound ? "above: it abstains" : "not above: it answers"})`;
  }
  // data may hold signs that turn the direction of writing: they end with the data
  const apart = (text) => element("bdi", "", text);
  const said = (place) => strings[place] || "no answer";

  function row(place) {
    const i = state.shown[place], v = rows.variant[i], question = ofQuestion[v];
    const made = element("div", "row");
    made.id = `v-row-${place}`;
    made.setAttribute("role", "option");
    made.setAttribute("aria-setsize", state.shown.length);
    made.setAttribute("aria-posinset", place + 1);
    made.setAttribute("aria-selected", place === state.chosen);
    made.style.top = `${place * HEIGHT}px`;
    made.dataset.place = place;
    const first = element("div"), second = element("div");
    if (asked[question] < 0) first.textContent = ids[question];
    else addPieces(first, pieces(textOf(question), questionEdits[v], true), "ins");
    const [told, kind] = verdict(i);
    second.append(element("span", `chip ${kind}`, told));
    const from = said(rows.said[i]), to = said(rows.says[i]);
    second.append(" · ", ...(from === to ? [apart(to)] : [apart(from), " → ", apart(to)]));
    if (several[v]) second.append(" · ", apart(variantIds[v]));
    if (models.length > 1) second.append(" · ", apart(models[rows.model[i]]));
    if (sets.length > 1) second.append(" · ", apart(sets[ofSet[v]]));
    made.append(first, second);
    return made;
  }

  const list = find("v-list");

  function draw() {
    const from = Math.max(0, Math.floor(list.scrollTop / HEIGHT) - 6);
    const to = Math.min(state.shown.length, from + Math.ceil(list.clientHeight / HEIGHT) + 12);
    const made = [];
    for (let place = from; place < to; place++) made.push(row(place));
    find("v-space").replaceChildren(...made);
    if (state.chosen >= from && state.chosen < to) list.setAttribute("aria-activedescendant", `v-row-${state.chosen}`);
    else list.removeAttribute("aria-activedescendant");
  }

  function entry(parent, term, content, name) {
    const head = element("dt"), made = element("dd", name || "");
    head.append(...[term].flat());
    made.append(...[content].flat());
    parent.append(head);
    parent.append(made);
    return made;
  }

  function answer(place, stateOf, possible) {
    const box = document.createDocumentFragment();
    const text = strings[place];
    box.append(text ? apart(text) : element("span", "none", "no answer (abstained)"));
    const right = stateOf === RIGHT;
    const why = right ? "right" : possible ? (stateOf === WRONG ? "wrong span" : "wrong: it has an answer") : "wrong: there is no answer";
    box.append(" ", element("span", `chip ${right ? "gained" : "fell"}`, why));
    return box;
  }

  function paragraph(question, v) {
    const text = paragraphs[inParagraph[question]];
    const made = element("p", "paragraph");
    if (contextEdits[v].length) return addPieces(made, pieces(text, contextEdits[v], true), "ins");
    const places = goldPlaces[question];
    let last = 0;
    for (let k = 0; k < places.length; k += 2) {
      const start = Math.max(places[k], last), end = places[k + 1];
      if (end <= last) continue;
      made.append(text.slice(last, start), element("mark", "", text.slice(start, end)));
      last = end;
    }
    made.append(text.slice(last));
    return made;
  }

  function detail() {
    const box = find("v-detail");
    box.replaceChildren();
    box.scrollTop = 0;
    if (!state.shown.length) {
      box.append(element("p", "none", "No question matches. Clear a filter, or search for less."));
      return;
    }
    const i = state.shown[state.chosen], v = rows.variant[i], question = ofQuestion[v], possible = answerable[question];
    const [told, kind] = verdict(i);
    const heading = element("h3");
    heading.append(element("span", `chip ${kind}`, told));
    const entries = element("dl");
    if (asked[question] >= 0) {
      const text = textOf(question), changed = questionEdits[v];
      entry(entries, "Question", addPieces(document.createDocumentFragment(), pieces(text, changed, false), "del"), "asked");
      if (changed.length) entry(entries, "In other words", addPieces(document.createDocumentFragment(), pieces(text, changed, true), "ins"), "asked");
      else entry(entries, "In other words", "the question is the same; the paragraph is changed");
      const named = [...new Set(golds[question].map((gold) => strings[gold]))];
      const shown = named.flatMap((gold, k) => (k ? [" · ", apart(gold)] : [apart(gold)]));
      entry(entries, named.length > 1 ? "Gold answers" : "Gold answer", named.length ? shown : "none: the paragraph does not answer it");
    } else {
      entry(entries, "Question", [apart(ids[question]), " (its text is not here: the set was not found when the report was made)"]);
    }
    entry(entries, [apart(models[rows.model[i]]), " before"], answer(rows.said[i], rows.before[i], possible));
    const after = entry(entries, [apart(models[rows.model[i]]), " after"], answer(rows.says[i], rows.after[i], possible));
    const held = rows.span[i];
    if (held >= 0) {
      const hint = element("div", "hint", "its best span, held back: ");
      hint.append(apart(strings[held]));
      after.append(hint);
    }
    if (rows.odds2[i] !== null && rows.limit[i] >= 0) {
      const bound = limits[rows.limit[i]];
      entry(entries, "Null odds", `${fixed(rows.odds[i])} before, ${fixed(rows.odds2[i])} after; ${threshold(bound, rows.odds2[i])}`);
    }
    for (const edit of questionEdits[v]) {
      if (edit.length < 4 || !edit[3]) continue;
      const sense = strings[edit[4]];
      const where = edit[5] ? `, sense ${edit[5]} of the word` : "";
      const words = [apart(textOf(question).slice(edit[0], edit[1])), " → ", apart(strings[edit[2]])];
      entry(entries, "Edit", [...words, `: ${POS[edit[3]] || edit[3]}`, ...(sense ? [", taken as ", apart(sense)] : []), where]);
    }
    entry(entries, "Set, question, variant", [apart(sets[ofSet[v]]), ", ", apart(ids[question]), ", ", apart(variantIds[v])]);
    box.append(heading, entries);
    if (inParagraph[question] >= 0) {
      const fold = element("details");
      fold.open = state.paragraph;
      fold.append(element("summary", "", "Paragraph"));
      const fill = () => { if (fold.open && fold.childElementCount === 1) fold.append(paragraph(question, v)); };
      fold.addEventListener("toggle", () => { state.paragraph = fold.open; fill(); });
      fill();
      box.append(fold);
    }
  }

  function choose(place) {
    if (!state.shown.length) return;
    state.chosen = Math.max(0, Math.min(state.shown.length - 1, place));
    const top = state.chosen * HEIGHT;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + HEIGHT > list.scrollTop + list.clientHeight) list.scrollTop = top + HEIGHT - list.clientHeight;
    draw();
    detail();
  }

  let waiting = false;
  list.addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; draw(); });
  }, { passive: true });
  list.addEventListener("click", (event) => {
    const hit = event.target.closest(".row");
    if (hit) choose(Number(hit.dataset.place));
  });
  const toggleParagraph = () => {
    const fold = find("v-detail").querySelector("details");
    if (fold) fold.open = !fold.open;
  };
  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(list.clientHeight / HEIGHT) - 1);
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in moves) choose(state.chosen + moves[event.key]);
    else if (event.key === "Enter") find("v-detail").focus();
    else if (event.key === "p") toggleParagraph();
    else return;
    event.preventDefault();
  });
  find("v-detail").addEventListener("keydown", (event) => {
    if (event.key === "Escape") list.focus();
    else if (event.key === "p") toggleParagraph();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea")) return;
    event.preventDefault();
    find("v-search").focus();
  });
  const form = find("v-form");
  find("v-search").addEventListener("input", filter);
  form.addEventListener("change", (event) => { if (event.target.id !== "v-search") filter(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  addEventListener("resize", draw);
  find("viewer").hidden = false;
  filter();
}
