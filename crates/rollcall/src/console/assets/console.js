/* What scripts add to pages that are whole without them: focus and announcements after a swap, local times,
   countdowns, copying, and no second sending of a form. */
(() => {
  "use strict";
  const all = (selector, act) => document.querySelectorAll(selector).forEach(act);
  const language = () => document.documentElement.lang || "en";
  let left = { path: location.pathname, id: "" };

  // Times in the reader's zone; the exact one on hover.
  const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];
  // Formats are costly to make, and a page has many times.
  const formats = new Map();
  function format(kind, options) {
    const key = `${language()} ${kind.name} ${JSON.stringify(options)}`;
    if (!formats.has(key)) formats.set(key, new kind(language(), options));
    return formats.get(key);
  }
  function day(time, now, more) {
    const year = new Date(time).getFullYear() === new Date(now).getFullYear() ? {} : { year: "numeric" };
    return format(Intl.DateTimeFormat, { month: "short", day: "numeric", ...year, ...more }).format(time);
  }
  const clock = (time, now) => day(time, now, { hour: "numeric", minute: "2-digit", second: "2-digit" });
  function told(time, now) {
    const seconds = Math.round((time - now) / 1000);
    if (Math.abs(seconds) > 6 * 86400) return day(time, now, {});
    const relative = format(Intl.RelativeTimeFormat, { numeric: "auto" });
    for (const [unit, length] of UNITS) {
      if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
    }
    return relative.format(0, "second");
  }
  function times() {
    const now = Date.now();
    all("time[datetime]", (element) => {
      const time = Date.parse(element.dateTime);
      if (Number.isNaN(time)) return;
      element.textContent = element.hasAttribute("data-exact") ? clock(time, now) : told(time, now);
      element.title = format(Intl.DateTimeFormat, { dateStyle: "full", timeStyle: "long" }).format(time);
    });
  }

  // A button that may be pressed again only after a while says how long.
  function countdowns() {
    all("button[data-wait]:not([data-counting])", (button) => {
      const end = Date.now() + Number(button.dataset.wait) * 1000;
      const label = button.textContent.trim();
      button.dataset.counting = "";
      const tick = () => {
        const seconds = Math.ceil((end - Date.now()) / 1000);
        button.disabled = seconds > 0;
        button.textContent = seconds > 0 ? `${label} (${seconds > 90 ? `${Math.ceil(seconds / 60)} min` : `${seconds} s`})` : label;
        if (seconds > 0 && button.isConnected) setTimeout(tick, 250);
      };
      if (Number(button.dataset.wait) > 0) tick();
    });
  }

  // A link in a message brings its code in the fragment, which no server sees. It is filled in, and a person confirms.
  function fillCode() {
    const [, code] = location.hash.match(/^#code=(\d{6})$/) ?? [];
    const field = code && document.querySelector("input.code");
    if (!field) return;
    field.value = code;
    history.replaceState(history.state, "", location.pathname + location.search);
    field.closest("form").querySelector("button").focus();
  }

  // One button subscribes this browser to push messages; its subscription is the value of the form.
  function push() {
    all("[data-push]:not([data-ready])", (part) => {
      const form = part.closest("form");
      const button = form.querySelector("[data-push-button]");
      if (!("serviceWorker" in navigator) || !("PushManager" in window)) return;
      part.dataset.ready = "";
      part.querySelector("[data-push-none]").hidden = true;
      part.querySelector("[data-push-some]").hidden = false;
      button.hidden = false;
      button.addEventListener("click", async (event) => {
        const field = part.querySelector("input");
        if (field.value) return;
        event.preventDefault();
        try {
          const { public_key: key } = await (await fetch("/v1/push/public-key")).json();
          await navigator.serviceWorker.register("/push-worker.js");
          const worker = await navigator.serviceWorker.ready;
          const subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
          field.value = JSON.stringify(subscription);
          form.requestSubmit(button);
        } catch {
          const fault = part.querySelector("[data-push-fault]");
          fault.hidden = false;
          say(fault.textContent);
        }
      });
    });
  }

  function say(text) {
    const region = document.getElementById("say");
    if (!region || !text) return;
    region.textContent = "";
    setTimeout(() => { region.textContent = text; }, 60);
  }

  function dress() {
    times();
    countdowns();
    fillCode();
    push();
    document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    all("button[data-copy]", (button) => { button.hidden = !navigator.clipboard; });
  }

  // After a swap the focus goes where the news is: the wrong field, the place that was asked for, the same
  // control as before, or the head of the new page.
  function arrive() {
    dress();
    const wrong = document.querySelector("[aria-invalid=true]");
    const news = document.querySelector(".notice");
    const at = news?.dataset.at && document.getElementById(news.dataset.at);
    const asked = /^#[\w-]+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
    const same = left.path === location.pathname && left.id && document.getElementById(left.id);
    const goal = wrong || at || asked || same || document.querySelector("h1");
    if (goal) {
      if (!goal.matches("input, select, textarea, button, a, summary")) goal.tabIndex = -1;
      goal.focus({ preventScroll: goal.tagName === "H1" });
    }
    say(news ? news.textContent.trim() : document.title);
    left = { path: location.pathname, id: "" };
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method.toLowerCase() !== "post") return;
    if (form.hasAttribute("data-sent")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.setAttribute("data-sent", "");
    setTimeout(() => { if (form.hasAttribute("data-sent")) form.classList.add("sent"); }, 400);
  }, true);
  const unsent = () => all("form[data-sent]", (form) => { form.removeAttribute("data-sent"); form.classList.remove("sent"); });
  addEventListener("pageshow", unsent);
  document.addEventListener("htmx:sendError", unsent);
  document.addEventListener("htmx:afterRequest", (event) => { if (!event.detail.successful) unsent(); });

  document.addEventListener("htmx:beforeRequest", () => {
    const active = document.activeElement;
    left = { path: location.pathname, id: active && active !== document.body ? active.id : "" };
  });
  document.addEventListener("htmx:afterSettle", (event) => { if (event.detail.boosted || event.detail.elt === document.body) arrive(); });

  // What has opened over a row closes again: by Escape, which gives the focus back, or by a press elsewhere.
  const opened = () => document.querySelector(".row .ask[open]");
  document.addEventListener("keydown", (event) => {
    const ask = event.key === "Escape" && opened();
    if (!ask) return;
    ask.open = false;
    ask.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    all(".row .ask[open]", (ask) => { if (!ask.contains(event.target)) ask.open = false; });
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(source.value || source.textContent.trim());
    say(button.dataset.done);
    const label = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = label; }, 1600);
  });

  document.addEventListener("DOMContentLoaded", () => {
    dress();
    const news = document.querySelector(".notice");
    if (news) say(news.textContent.trim());
    const wrong = document.querySelector("[aria-invalid=true]");
    if (wrong) wrong.focus();
    setInterval(times, 30000);
  });
})();
