// The other column follows: the match that one looks at stands beside its counterpart.
(() => {
  const panes = [...document.querySelectorAll(".pane")];
  const top = (element) => element.getBoundingClientRect().top;
  let led = null;

  function follow(from, to) {
    const eye = top(from) + from.clientHeight / 3;
    let best = null;
    for (const here of from.querySelectorAll("a.j")) {
      if (best && top(here) > eye) break;
      best = here;
    }
    const there = best && document.getElementById(best.hash.slice(1));
    if (there) to.scrollTop += top(there) - top(best);
  }

  panes.forEach((pane, side) => {
    const lead = () => { led = pane; };
    for (const event of ["pointerenter", "pointerdown", "wheel", "touchstart", "focusin", "keydown"]) {
      pane.addEventListener(event, lead, { passive: true });
    }
    pane.addEventListener("scroll", () => {
      if (led === pane) follow(pane, panes[1 - side]);
    }, { passive: true });
  });
})();
