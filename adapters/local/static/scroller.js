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
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < NEAR;
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
    this.element.scrollTop = this.element.scrollHeight;
  }

  /** Bring a message to the middle and let it be seen. */
  toMessage(node) {
    const box = this.element;
    const offset = node.getBoundingClientRect().top - box.getBoundingClientRect().top;
    box.scrollTop += offset - Math.max(60, (box.clientHeight - node.offsetHeight) / 2);
    node.classList.add("cited");
    node.setAttribute("aria-current", "location");
    node.focus({ preventScroll: true });
  }
}
