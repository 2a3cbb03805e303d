/**
 * A queue in one array that is used round and round.
 *
 * An array that grows, or is cut, leaves its old self behind, and whatever that led to counts as alive for V8 until it
 * collects its old generation: half of the queries that passed through such a queue grew old (docs/adr/013).
 */

export interface Ring<Element> {
  /** The element that has `index` others before it. */
  at(index: number): Element | undefined;
  set(index: number, element: Element): void;
  push(element: Element): void;
  /** Takes the first one out. */
  shift(): void;
  size(): number;
}

/** Room at first; a power of two, as it stays when it doubles. */
const FIRST_ROOM = 1024;

export function createRing<Element>(): Ring<Element> {
  let places = toPlaces<Element>([], FIRST_ROOM);
  let mask = FIRST_ROOM - 1;
  let front = 0;
  let size = 0;

  function grow(): void {
    places = toPlaces([...places.slice(front), ...places.slice(0, front)], places.length * 2);
    mask = places.length - 1;
    front = 0;
  }

  return {
    at: (index) => places[(front + index) & mask],
    set(index, element) {
      places[(front + index) & mask] = element;
    },
    push(element) {
      if (size === places.length) grow();
      places[(front + size) & mask] = element;
      size++;
    },
    shift() {
      if (size === 0) return;
      places[front] = undefined;
      front = (front + 1) & mask;
      size--;
    },
    size: () => size,
  };
}

function toPlaces<Element>(
  elements: readonly (Element | undefined)[],
  room: number,
): (Element | undefined)[] {
  return Array.from({ length: room }, (_, at) => elements[at]);
}
