// A list that stays at its end while one reads there, and stays where it is while one reads above.

const NEAR = 80; // pixels from the end that still count as being there

export class Scroller {
  constructor(element, { onTop, onBottom, onMove }) {
    this.element = element;
    element.addEventListener("scroll", () => {
      if (element.scrollTop < 200) onTop?.();
      if (this.atEnd) onBottom?.();
      onMove?.();
    }, { passive: true });
  }

  get atEnd() {
    return this.#end() - this.element.scrollTop < NEAR;
  }

  /** The end of the list; of a last message that is higher than the screen, its beginning: that is where the AI
      label stands. */
  #end() {
    const { scrollHeight, clientHeight } = this.element;
    const last = this.element.querySelector(".message:last-child");
    const top = last ? last.offsetTop - 8 : scrollHeight;
    return Math.max(0, Math.min(scrollHeight - clientHeight, top));
  }

  /** Do `change`; then be at the end again if we were. */
  following(change) {
    const follow = this.atEnd;
    change();
    if (follow) this.toEnd();
  }

  /** Do `change`, which adds above; what one looks at stays where it is. (Safari has no overflow-anchor.) */
  steady(change) {
    const fromEnd = this.element.scrollHeight - this.element.scrollTop;
    change();
    this.element.scrollTop = this.element.scrollHeight - fromEnd;
  }

  toEnd() {
    this.element.scrollTop = this.#end();
  }

  /** Bring a message to the middle; `cited`: it is the one a link led to. */
  toMessage(node, { cited }) {
    const box = this.element;
    const offset = node.getBoundingClientRect().top - box.getBoundingClientRect().top;
    box.scrollTop += offset - Math.max(60, (box.clientHeight - node.offsetHeight) / 2);
    if (!cited) return;
    node.classList.add("cited");
    node.setAttribute("aria-current", "location");
    node.focus({ preventScroll: true });
  }
}
