"use strict";
/* The matrix: what is asked for stands in the address, and the table is drawn from it. */

(async () => {
  const { h, id, address, METHODS, worst, standing, style, DEVIATING } = mpconform;
  const data = await mpconform.told("matrix");
  const form = document.getElementById("filters");
  const table = document.getElementById("matrix");
  const more = document.querySelector("#more button");
  const counted = document.getElementById("count");
  const BATCH = 250;
  const MANY = 3; // start methods, where they stand side by side
  const DENSE = 12; // columns, from which on they are narrow
  const COLUMNS = ["impl", "python", "method"]; // what chooses columns, not clauses
  const KEYS = ["q", "level", "chapter", "outcome", "at", ...COLUMNS];
  const letters = Object.fromEntries(Object.entries(data.outcomes).map(([letter, name]) => [name, letter]));
  const texts = data.ids.map((id, number) => `${id} ${data.sentences[number]}`.toLowerCase());
  const chapterOf = data.chapters.flatMap((chapter, number) => Array(chapter.count).fill(number));
  let asked = {};
  let limit = BATCH;
  let letterOf = []; // of each code, at the start methods that are asked for: there are few codes and many cells

  /* What is asked for, in the address: #q=words&outcome=broken&runs=a,b&open=queues */
  function read() {
    const given = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
    const list = (key) => (given.get(key) || "").split(",").filter(Boolean);
    asked = Object.fromEntries(KEYS.map((key) => [key, given.get(key) || ""]));
    asked.runs = list("runs").filter((slug) => data.runs.some((run) => run.slug === slug));
    asked.open = new Set(list("open"));
    for (const key of KEYS) {
      const field = form.elements[key];
      if (!field) continue;
      field.value = asked[key];
      if (field.value !== asked[key]) asked[key] = field.value = ""; // nothing that can be chosen
    }
    for (const box of form.querySelectorAll("[name=run]")) box.checked = !asked.runs.length || asked.runs.includes(box.value);
  }
  function write() {
    const given = new URLSearchParams();
    for (const key of KEYS) if (asked[key]) given.set(key, asked[key]);
    if (asked.runs.length) given.set("runs", asked.runs.join(","));
    if (asked.open.size) given.set("open", [...asked.open].join(","));
    const text = given.toString().replaceAll("%2C", ",");
    history.replaceState(null, "", `#${text || "="}`);
  }

  const shown = () => data.order.filter((number) => {
    const run = data.runs[number];
    return (!asked.runs.length || asked.runs.includes(run.slug)) && (!asked.impl || run.implementation === asked.impl) && (!asked.python || run.python === asked.python);
  });
  const code = (run, clause) => data.codes[data.states[run][clause]];
  const slots = () => (METHODS.includes(asked.method) && asked.method ? [0, METHODS.indexOf(asked.method)] : [0, 1, 2, 3]);
  const among = (text, of, offset = 0) => of.map((slot) => text[slot + offset]).join("");

  function fits(clause, words) {
    return (!asked.level || data.levels[clause] === asked.level)
      && (!asked.chapter || data.chapters[chapterOf[clause]].name === asked.chapter)
      && (!asked.at || data.anchors[clause] === asked.at)
      && words.every((word) => texts[clause].includes(word));
  }
  function cameTo(clause, runs, of) {
    if (!asked.outcome) return true;
    const found = runs.map((run) => code(run, clause));
    if (asked.outcome === "deviating") return found.some((text) => [...among(text, of)].some((letter) => DEVIATING.includes(letter)));
    if (asked.outcome === "new") return found.some((text) => standing(among(text, of, 4), 0, 4));
    if (asked.outcome === "differing") {
      return new Set(found.map((text) => worst(among(text, of))).filter((letter) => !".au".includes(letter))).size > 1;
    }
    if (asked.outcome === "not run") return found.some((text) => worst(among(text, of)) === ".");
    return found.some((text) => among(text, of).includes(letters[asked.outcome]));
  }

  /* The table */
  function head(runs) {
    const each = asked.method === "each";
    const groups = [];
    for (const run of runs) {
      if (!groups.length || groups.at(-1).name !== data.runs[run].implementation) groups.push({ name: data.runs[run].implementation, page: data.runs[run].page, runs: [] });
      groups.at(-1).runs.push(run);
    }
    const width = each ? MANY : 1;
    table.className = runs.length * width > DENSE ? "dense" : "";
    const rows = [
      h("tr", {}, h("th", { scope: "col", class: "what", rowspan: each ? 3 : 2 }, "Clauses"),
        groups.map((group) => h("th", { scope: "colgroup", colspan: group.runs.length * width, class: "group" }, h("a", { href: group.page }, group.name), shared(group.name) && h("small", {}, ` ${shared(group.name)}`)))),
      h("tr", {}, runs.map((number) => {
        const run = data.runs[number];
        return h("th", { scope: each ? "colgroup" : "col", colspan: width, class: `run ${begins(number, runs)}` },
          h("a", { href: `${run.page}#${run.slug}`, title: run.label }, ...(shared(run.implementation) || !run.version ? [] : [h("small", {}, run.version), " "]), run.heading),
          run.mark && h("span", { class: "mark", title: run.marks.join("; ") }, ` ${run.mark}`));
      })),
    ];
    if (each) rows.push(h("tr", {}, runs.flatMap(() => METHODS.slice(1).map((method) => h("th", { scope: "col", class: "method" }, method)))));
    table.tHead.replaceChildren(...rows);
  }
  function shared(name) { // the version of an implementation, where all of its runs have that
    const versions = new Set(data.runs.filter((run) => run.implementation === name && run.edition).map((run) => run.version));
    return versions.size === 1 ? [...versions][0] : "";
  }
  const begins = (number, runs) => (asked.method === "each" || runs.indexOf(number) === 0 || data.runs[number].implementation !== data.runs[runs[runs.indexOf(number) - 1]].implementation ? "begins" : "");

  function cell(letter, news, title, extra = {}) {
    return h("td", { class: `s ${style(letter)} ${extra.class || ""}`, title, "data-standing": news, colspan: extra.colspan }, news ? `${data.outcomes[letter]}, ${news}` : data.outcomes[letter]);
  }
  function cells(clause, runs) {
    const of = slots();
    return runs.flatMap((run) => {
      const text = code(run, clause);
      const told = (letter) => `${data.outcomes[letter]}: ${data.runs[run].label}`;
      const edge = { class: begins(run, runs) };
      if (asked.method !== "each") {
        const letter = worst(among(text, of));
        return [cell(letter, standing(among(text, of, 4), 0, 4), told(letter), edge)];
      }
      if (text.slice(1, 4) === "...") return [cell(text[0], standing(text, 4, 5), told(text[0]), { ...edge, colspan: MANY })];
      return [1, 2, 3].map((slot) => cell(text[slot], standing(text, slot + 4, slot + 5), told(text[slot]), slot === 1 ? edge : {}));
    });
  }
  function clauseRow(clause, runs) {
    return h("tr", { class: "clause-row" },
      h("th", { scope: "row" }, h("a", { class: "id", href: address(data.ids[clause]) }, id(data.ids[clause])), " ",
        h("small", { class: "level" }, data.levels[clause]), h("p", {}, data.sentences[clause])),
      cells(clause, runs));
  }
  function chapterRow(chapter, fitting, runs, open) {
    const width = asked.method === "each" ? MANY : 1;
    return h("tr", { class: "chapter-row" },
      h("th", { scope: "row" }, h("button", { type: "button", "aria-expanded": String(open), "data-chapter": chapter.name }, chapter.name), " ", h("small", {}, chapter.section)),
      runs.map((run) => {
        let kept = 0, judged = 0, offered = 0, deviates = false;
        for (const clause of fitting) {
          const letter = letterOf[data.states[run][clause]];
          if (".au".includes(letter)) continue;
          judged += 1;
          kept += letter === "k";
          offered += letter !== "o";
          deviates ||= DEVIATING.includes(letter);
        }
        const share = 1 - kept / judged;
        const letter = !judged ? "a" : kept === judged ? "k" : deviates ? `b d${1 + (share >= 0.1) + (share >= 0.4)}` : offered ? "o" : "o none";
        return h("td", { class: `t ${letter} ${begins(run, runs)}`, colspan: width }, ...(!judged ? ["–"] : offered ? [String(kept), h("span", {}, `/${judged}`)] : ["not offered"]));
      }));
  }

  function draw() {
    const runs = shown();
    const words = asked.q.toLowerCase().split(/\s+/).filter(Boolean);
    const confined = Boolean(asked.q.trim() || asked.level || asked.chapter || asked.outcome || asked.at);
    const of = slots();
    const bodies = [];
    let found = 0, drawn = 0, left = 0;
    letterOf = data.codes.map((text) => worst(among(text, of)));
    head(runs);
    for (const chapter of data.chapters) {
      const own = Array.from({ length: chapter.count }, (_, number) => chapter.first + number);
      const fitting = own.filter((clause) => fits(clause, words));
      const listed = fitting.filter((clause) => cameTo(clause, runs, of));
      if (!listed.length) continue;
      found += listed.length;
      const open = confined ? !asked.open.has(`-${chapter.name}`) : asked.open.has(chapter.name);
      const rows = [chapterRow(chapter, fitting, runs, open)];
      const room = open ? listed.slice(0, Math.max(0, limit - drawn)) : [];
      rows.push(...room.map((clause) => clauseRow(clause, runs)));
      drawn += room.length;
      if (open) left += listed.length - room.length;
      bodies.push(h("tbody", {}, rows));
    }
    for (const body of [...table.tBodies]) body.remove();
    table.append(...bodies);
    const total = data.ids.length.toLocaleString("en");
    const place = asked.at ? ` at ${asked.at}` : "";
    const none = runs.length ? "" : "; no column is of that implementation and that interpreter";
    counted.textContent = (confined ? `${found.toLocaleString("en")} of ${total} clauses${place}` : `${total} clauses in ${data.chapters.length} chapters`) + none;
    more.parentElement.hidden = !left;
    more.textContent = `Show ${Math.min(left, BATCH)} more of ${left.toLocaleString("en")}`;
  }

  function changed() {
    limit = BATCH;
    for (const key of KEYS) if (form.elements[key]) asked[key] = form.elements[key].value;
    const boxes = [...form.querySelectorAll("[name=run]")];
    const checked = boxes.filter((box) => box.checked).map((box) => box.value);
    asked.runs = checked.length === boxes.length ? [] : checked;
    asked.open = new Set();
    write();
    draw();
  }
  function toggle(name) {
    const confined = KEYS.some((key) => !COLUMNS.includes(key) && asked[key]);
    const key = confined ? `-${name}` : name;
    if (!asked.open.delete(key)) asked.open.add(key);
    write();
    draw();
    table.querySelector(`button[data-chapter="${CSS.escape(name)}"]`)?.focus();
  }

  /* By hand */
  const box = (run) => h("label", {}, h("input", { type: "checkbox", name: "run", value: run.slug }), ` ${[shared(run.implementation) ? "" : run.version, run.heading].filter(Boolean).join(", ")}`);
  const implementations = [...new Set(data.order.map((number) => data.runs[number].implementation))];
  form.querySelector("#shown div").append(...implementations.map((name) => h("fieldset", {}, h("legend", {}, name),
    data.order.map((number) => data.runs[number]).filter((run) => run.implementation === name).map(box))));
  const sorted = (names) => names.sort((one, other) => one.localeCompare(other, "en", { numeric: true }));
  form.elements.python.append(...sorted([...new Set(data.runs.map((run) => run.python))]).map((name) => h("option", {}, name)));
  form.addEventListener("input", changed);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => { asked.at = ""; setTimeout(() => { for (const each of form.querySelectorAll("[name=run]")) each.checked = true; changed(); }); });
  addEventListener("hashchange", () => { if (location.hash.includes("=") || !location.hash) { read(); draw(); } });
  more.addEventListener("click", () => {
    const before = table.querySelectorAll(".clause-row").length;
    limit += BATCH;
    draw();
    table.querySelectorAll(".clause-row a.id")[before]?.focus();
  });
  table.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-chapter]");
    if (button) toggle(button.dataset.chapter);
    else if (event.target.closest("td.s")) event.target.closest("tr").querySelector("a.id").click();
  });

  /* By keyboard */
  const stops = () => [...table.querySelectorAll("tbody th :is(a.id, button)")];
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const at = event.target;
    const typing = at.matches("input, select, textarea");
    if (event.key === "/" && !typing) {
      form.elements.q.focus();
      form.elements.q.select();
    } else if (event.key === "Escape" && at === form.elements.q) {
      at.value = "";
      changed();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && (at === form.elements.q || at.closest?.("#matrix tbody"))) {
      const all = stops();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const next = all.indexOf(at) + step;
      if (next < 0) form.elements.q.focus();
      else all[Math.min(next, all.length - 1)]?.focus();
    } else if (at.matches("button[data-chapter]") && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      if ((at.getAttribute("aria-expanded") === "true") !== (event.key === "ArrowRight")) toggle(at.dataset.chapter);
    } else if (at.matches("#matrix a.id") && event.key === "ArrowLeft") {
      at.closest("tbody").querySelector("button").focus();
    } else return;
    event.preventDefault();
  });

  form.hidden = document.getElementById("keys").hidden = false;
  read();
  draw();
  table.dataset.ready = "";
})();
