/**
 * A queue in the order of a number that each element is put in with, in two arrays that are used round and round.
 *
 * An array that grows, or is cut, leaves its old self behind, and whatever that led to counts as alive for V8 until it
 * collects its old generation: half of the queries that passed through such a queue grew old (docs/adr/013). The numbers lie
 * side by side, since whoever comes far from the end is held against all in front of which it goes.
 */

export interface OrderedQueue<Element> {
  /** Behind all that have the same number or a lower one; elements come nearly in order. */
  insert(element: Element, order: number): void;
  /** The element that has `index` others before it. */
  at(index: number): Element | undefined;
  /** The number of the first one; Infinity if there is none. */
  firstOrder(): number;
  /** Takes the first one out. */
  shift(): void;
  size(): number;
}

/** Room at first; a power of two, as it stays when it doubles. */
const FIRST_ROOM = 1024;

export function createOrderedQueue<Element>(): OrderedQueue<Element> {
  let elements = new Array<Element | undefined>(FIRST_ROOM).fill(undefined);
  let orders = new Float64Array(FIRST_ROOM);
  let mask = FIRST_ROOM - 1;
  let front = 0;
  let size = 0;

  function grow(): void {
    const room = 2 * elements.length;
    const held = [...elements.slice(front), ...elements.slice(0, front)];
    elements = Array.from({ length: room }, (_, at) => held[at]);
    const numbers = new Float64Array(room);
    numbers.set(orders.subarray(front));
    numbers.set(orders.subarray(0, front), orders.length - front);
    orders = numbers;
    mask = room - 1;
    front = 0;
  }

  return {
    insert(element, order) {
      if (size === elements.length) grow();
      let place = (front + size) & mask;
      for (let left = size; left > 0; left--) {
        const before = (place - 1) & mask;
        const orderBefore = orders[before] ?? order;
        if (orderBefore <= order) break;
        orders[place] = orderBefore;
        elements[place] = elements[before];
        place = before;
      }
      orders[place] = order;
      elements[place] = element;
      size++;
    },
    at: (index) => (index < size ? elements[(front + index) & mask] : undefined),
    firstOrder: () => (size > 0 ? (orders[front] ?? Infinity) : Infinity),
    shift() {
      if (size === 0) return;
      elements[front] = undefined;
      front = (front + 1) & mask;
      size--;
    },
    size: () => size,
  };
}
