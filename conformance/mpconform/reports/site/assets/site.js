"use strict";
/* What every page has: the colours, and the data that the files in data/ hand over. */

const mpconform = (() => {
  const root = document.documentElement;
  const stored = (value) => {
    try {
      if (value !== undefined) localStorage.setItem("mpconform-scheme", value);
      return localStorage.getItem("mpconform-scheme");
    } catch { return null; } // a browser that stores nothing for files
  };
  const dark = () => (root.dataset.scheme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  if (stored()) root.dataset.scheme = stored();

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("scheme");
    const name = () => { button.textContent = dark() ? "Light" : "Dark"; button.setAttribute("aria-label", `${button.textContent} colours`); };
    button.hidden = false;
    button.addEventListener("click", () => { root.dataset.scheme = dark() ? "light" : "dark"; stored(root.dataset.scheme); name(); });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
    name();
  });

  const data = {};
  const waiting = {};
  async function unpacked(letters) {
    const bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }
  function take(name, letters) {
    data[name] = unpacked(letters);
    (waiting[name] || []).forEach((go) => go(data[name]));
  }
  /** The data of a name, for which its script is fetched where the page does not name it. */
  function told(name) {
    if (data[name]) return data[name];
    return new Promise((go, fail) => {
      (waiting[name] ||= []).push(go);
      if (document.querySelector(`script[src="data/${name}.js"]`)) return;
      const script = document.createElement("script");
      script.src = `data/${name}.js`;
      script.onerror = () => fail(new Error(`data/${name}.js is not there`));
      document.head.append(script);
    });
  }

  /** An element: everything in it is text or an element, so that nothing of a document is ever read as HTML. */
  function h(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined && value !== "") element.setAttribute(name, value);
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return element;
  }
  /** An id that may be broken after its dots and underscores. */
  const id = (text) => text.split(/(?<=[._])/).flatMap((part, number) => (number ? [h("wbr"), part] : [part]));
  const address = (text) => `clause.html#${encodeURIComponent(text)}`;

  const METHODS = ["none", "fork", "spawn", "forkserver"];
  const WORST = ".aukoxlmbhce"; // from what says least against a clause to what says most
  const worst = (code, from = 0, to = 4) => [...code.slice(from, to)].reduce((one, other) => (WORST.indexOf(other) > WORST.indexOf(one) ? other : one));
  const standing = (code, from = 4, to = 8) => ({ n: "new", h: "healed" })[[...code.slice(from, to)].find((one) => "nh".includes(one))];
  const style = (letter) => (letter === "." ? "n" : letter);
  const DEVIATING = "bmhcl";

  /** The runs of these numbers by implementation, as a list: a line for each, with its interpreters. */
  function listed(runs, numbers) {
    const names = [...new Set(numbers.map((number) => runs[number].implementation))];
    return names.map((name) => {
      const own = numbers.map((number) => runs[number]).filter((run) => run.implementation === name);
      const versions = new Set(own.map((run) => run.version));
      const version = versions.size === 1 ? [...versions][0] : "";
      return { name, version, page: own[0].page, runs: own, text: own.map((run) => [version ? "" : run.version, run.heading].filter(Boolean).join(" on ")).join(", ") };
    });
  }

  return { take, told, h, id, address, METHODS, WORST, worst, standing, style, DEVIATING, listed };
})();
