// Folds: all at once, and open where a link leads; everything is open on paper.
"use strict";
(() => {
  const tools = document.querySelector(".tools");
  const changes = () => document.querySelectorAll("details.change");
  if (tools) {
    tools.hidden = false;
    tools.addEventListener("click", (event) => {
      const fold = event.target.closest("button")?.dataset.fold;
      if (fold) changes().forEach((each) => { each.open = fold === "open"; });
    });
  }
  const follow = () => {
    const target = /^#change-\d+$/.test(location.hash) && document.querySelector(location.hash);
    if (!target) return;
    const fold = target.querySelector("details.change");
    fold.open = true;
    fold.querySelector("summary").focus();
  };
  addEventListener("hashchange", follow);
  follow();
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((each) => { each.open = true; }));
})();
