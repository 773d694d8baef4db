"use strict";
/* The page of a clause, whose id is the fragment of its address. */

(async () => {
  const { h, id, address, METHODS, worst, standing, style, DEVIATING, listed } = mpconform;
  const data = await mpconform.told("matrix");
  const place = document.getElementById("clause");
  const none = [...place.children].filter((child) => child.tagName !== "NOSCRIPT");
  const PAGE = "https://docs.python.org";
  const TITLES = { traceback: "Traceback", out: "Standard output", err: "Standard error", post_mortem: "Processes and stacks at the deadline" };

  const chapterOf = (number) => data.chapters.find((chapter) => number < chapter.first + chapter.count);
  const among = (items, separator = ", ") => items.flatMap((item, number) => (number ? [separator, item] : [item]));
  const fact = (name, ...value) => h("div", {}, h("dt", {}, name), h("dd", {}, ...value));
  const web = (address, ...text) => (/^https?:\/\//.test(address) ? h("a", { href: address }, ...text) : h("span", {}, ...text, ` ${address}`));
  const pre = (text) => h("pre", { tabindex: "0" }, text);

  function who(number) {
    const bound = data.states.some((of) => data.codes[of[number]].slice(1, 4) !== "...");
    const columns = bound ? [1, 2, 3] : [0];
    const head = h("tr", {}, h("th", { scope: "col" }, "Implementation"), h("th", { scope: "col" }, "Interpreters"), columns.map((slot) => h("th", { scope: "col", class: "run" }, slot ? METHODS[slot] : "Outcome")));
    const alike = new Map(); // implementation and what came of it -> the runs of that
    for (const column of data.order) {
      const key = `${data.runs[column].implementation}/${data.states[column][number]}/${data.runs[column].edition ? "" : data.runs[column].marks}`;
      alike.set(key, [...(alike.get(key) || []), column]);
    }
    let before = "";
    const rows = [...alike.values()].map((of) => {
      const code = data.codes[data.states[of[0]][number]];
      const [one] = listed(data.runs, of);
      const judged = one.runs[0].edition;
      const cells = !judged ? [h("td", { colspan: columns.length, class: "n" }, one.runs[0].mark)] : bound && code[0] !== "." ? [h("td", { colspan: 3, class: style(code[0]) }, data.outcomes[code[0]])] : columns.map((slot) => {
        const news = standing(code, slot + 4, slot + 5);
        return h("td", { class: style(code[slot]) }, h("span", { class: `sign ${style(code[slot])}` }), ` ${data.outcomes[code[slot]]}${news ? `, ${news}` : ""}`);
      });
      const first = one.name !== before;
      before = one.name;
      return h("tr", { class: first ? "" : "more" }, h("th", { scope: "row" }, first ? h("a", { href: one.page }, one.name) : h("span", { class: "again" }, one.name), one.version && h("small", {}, ` ${one.version}`)),
        h("td", { class: "of" }, one.runs.flatMap((run, at) => [at ? ", " : "", h("a", { href: `${run.page}#${run.slug}`, title: run.label }, one.version ? run.heading : [run.version, run.heading].filter(Boolean).join(" on "))])), cells);
    });
    return h("div", { class: "scroll", role: "region", "aria-label": "Who keeps it", tabindex: "0" },
      h("table", { class: "who" }, h("caption", { class: "sr" }, "Who keeps it"), h("thead", {}, head), h("tbody", {}, rows)));
  }

  function shownChecks(checks) {
    return h("ul", { class: "where" }, checks.flatMap(([parts, runs]) => listed(data.runs, runs).map((one) =>
      h("li", {}, [one.name, one.version].filter(Boolean).join(" "), " ", h("small", {}, [one.text, parts].filter(Boolean).join("; "))))));
  }
  function group(one) {
    const facts = [];
    const value = (name, text) => { if (text) facts.push(fact(name, h("span", { class: "value" }, text))); };
    if (one.outcome === "not applicable" || one.outcome === "not offered" || one.outcome === "blocked") { if (one.promised) facts.push(fact("why", one.promised)); } else value("promised", one.promised);
    value("seen", one.seen);
    value("at", one.line);
    for (const [name, text] of Object.entries(one.recorded || {})) value(name, text);
    value("if it were judged", one.unjudged);
    value("wrote", one.remark);
    if (one.reason) facts.push(fact("known", one.reason, " ", one.link && web(one.link, "evidence")));
    const texts = Object.entries(one.texts || {}).map(([name, text]) => h("details", {}, h("summary", {}, TITLES[name] || name, h("small", {}, `, of ${one.of[0]} by ${data.runs[one.of[1]].label}`)), pre(text)));
    if (one.command) texts.push(h("p", {}, "Again, by itself:"), pre(one.command));
    if (one.script) texts.push(h("details", {}, h("summary", {}, "A script that needs the implementation only"), pre(one.script)));
    const calm = !DEVIATING.includes(Object.entries(data.outcomes).find(([, name]) => name === one.outcome)?.[0]);
    return h("section", { class: "group-of" }, h("h3", {}, h("em", { class: calm ? "calm" : "" }, one.outcome), one.standing && ` (${one.standing})`),
      shownChecks(one.checks), h("dl", { class: "facts" }, facts), texts);
  }

  function turn(number) {
    const link = (to, text) => (data.ids[to] ? h("a", { href: address(data.ids[to]), rel: to < number ? "prev" : "next" }, text, id(data.ids[to])) : h("span"));
    return h("nav", { class: "turn", "aria-label": "Neighbours" }, link(number - 1, "← "), link(number + 1, "→ "));
  }

  async function draw() {
    let asked = location.hash.slice(1);
    try { asked = decodeURIComponent(asked); } catch { /* an address that nobody has written so: as it stands */ }
    const number = data.ids.indexOf(asked);
    if (number < 0) {
      place.replaceChildren(...none);
      document.getElementById("none").hidden = !asked;
      document.title = "Clause · mpconform";
      place.dataset.ready = "";
      return;
    }
    const chapter = chapterOf(number);
    const told = (await mpconform.told(chapter.name))[asked];
    const pages = Object.entries(told.links).map(([edition, rest]) => h("a", { href: `${PAGE}/${edition}/library/multiprocessing.html${rest}` }, edition));
    const facts = [
      fact("level", data.levels[number]),
      fact("chapter", h("a", { href: `chapter-${chapter.name}.html` }, chapter.name), `, ${chapter.section}`),
      fact("on the page, edition", among(pages)),
      fact("applies", told.applies.join("; ")),
    ];
    if (told.passages.length) facts.push(fact("rests on", among(told.passages.map((passage) => h("a", { href: `passages.html#q=${encodeURIComponent(passage)}` }, passage)))));
    if (told.builds_on.length) facts.push(fact("builds on", among(told.builds_on.map((other) => h("a", { class: "id", href: address(other) }, id(other))))));
    if (told.cases.length) facts.push(fact("cases", told.cases.join(", ")));
    const disagreements = told.disagreements.map((entry) => h("section", {}, h("h2", {}, "CPython disagrees"),
      h("dl", { class: "facts" }, fact("the page", entry.page), Object.entries(entry.seen).map(([versions, does]) => fact(versions, does)), entry.link && fact("issue", web(entry.link, entry.link)))));
    place.replaceChildren(
      h("h1", { class: "id" }, id(asked)),
      h("p", { class: "sentence" }, data.sentences[number]),
      h("dl", { class: "facts" }, facts),
      ...disagreements,
      h("h2", {}, "Who keeps it"), who(number),
      ...(told.seen.length ? [h("h2", {}, "What was seen"), ...told.seen.map(group)] : []),
      h("h2", {}, "The body"), pre(told.body),
      turn(number),
    );
    document.title = `${asked} · mpconform`;
    place.dataset.ready = asked;
  }

  addEventListener("hashchange", () => { if (location.hash !== "#main") { draw().then(() => scrollTo(0, 0)); } });
  await draw();
})();
