"use strict";
/* The tables of passages: edition, words and state stand in the address. */

(async () => {
  const { h, id, address, WORST, worst, style, DEVIATING } = mpconform;
  const [matrix, tables] = await Promise.all([mpconform.told("matrix"), mpconform.told("passages")]);
  const form = document.getElementById("filters");
  const table = document.getElementById("passages");
  const counted = document.getElementById("count");
  const [ID, SECTION, LINK, FIRST, LAST, REASON, CLAUSES] = [0, 1, 2, 3, 4, 5, 6];
  form.elements.edition.append(...tables.map((one) => h("option", {}, one.edition)).reverse());

  function read() {
    const given = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
    for (const key of ["edition", "q", "state"]) {
      form.elements[key].value = given.get(key) || "";
      if (form.elements[key].selectedIndex === -1) form.elements[key].selectedIndex = 0;
    }
  }
  function write() {
    const given = new URLSearchParams();
    for (const key of ["edition", "q", "state"]) if (form.elements[key].value) given.set(key, form.elements[key].value);
    history.replaceState(null, "", `#${given}`);
  }

  function draw() {
    const edition = form.elements.edition.value;
    const of = tables.find((one) => one.edition === edition);
    const runs = matrix.runs.map((run, number) => number).filter((number) => matrix.runs[number].edition === edition);
    const letter = (clause) => runs.map((run) => worst(matrix.codes[matrix.states[run][clause]])).reduce((one, other) => (WORST.indexOf(other) > WORST.indexOf(one) ? other : one), ".");
    const words = form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
    const state = form.elements.state.value;
    const bodies = [];
    let count = 0, section = null;
    for (const row of of.rows) {
      const text = [row[ID], row[FIRST], row[LAST], row[REASON], ...row[CLAUSES].map((clause) => matrix.ids[clause])].join(" ").toLowerCase();
      const letters = row[CLAUSES].map(letter);
      const fits = !state || (state === "clauses" ? row[CLAUSES].length > 0 : state === "deviating" ? letters.some((one) => DEVIATING.includes(one)) : row[REASON].startsWith(state));
      if (!fits || !words.every((word) => text.includes(word))) continue;
      count += 1;
      if (row[SECTION] !== section) {
        section = row[SECTION];
        bodies.push(h("tbody", {}, h("tr", { class: "chapter" }, h("th", { scope: "rowgroup", colspan: "2" }, section))));
      }
      const quoted = [row[FIRST], row[LAST]].filter(Boolean).join(" … ");
      bodies.at(-1).append(h("tr", {},
        h("th", { scope: "row" }, h("a", { class: "id", href: of.page + row[LINK] }, id(row[ID])), quoted && h("p", {}, quoted)),
        h("td", {}, row[REASON] ? h("small", {}, row[REASON]) : h("ul", { class: "where" }, row[CLAUSES].map((clause, number) => h("li", {},
          h("span", { class: `sign ${style(letters[number])}` }), " ", h("a", { class: "id", href: address(matrix.ids[clause]) }, id(matrix.ids[clause])), " ", h("small", {}, matrix.outcomes[letters[number]])))))));
    }
    for (const body of [...table.tBodies]) body.remove();
    table.append(...bodies);
    const judged = runs.length ? `${runs.length} run${runs.length === 1 ? "" : "s"} of implementations that follow it` : "no run of an implementation that follows it";
    counted.textContent = `${count.toLocaleString("en")} of ${of.rows.length.toLocaleString("en")} passages of edition ${edition}; ${judged}`;
  }

  form.addEventListener("input", () => { write(); draw(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", () => { if (location.hash.includes("=") || !location.hash) { read(); draw(); } });
  form.hidden = table.hidden = false;
  read();
  draw();
  table.dataset.ready = "";
})();
