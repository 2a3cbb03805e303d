/**
 * A queue in the order of a number that each element is put in with.
 *
 * An array that grows, or is cut, leaves its old self behind, and whatever that led to counts as alive for V8 until it
 * collects its old generation: half of the queries that passed through such a queue grew old (docs/adr/013). So elements stay
 * where they are put, and what is kept in order are numbers: whoever comes far from the end, as all do where a log has whole
 * seconds, moves a block of bytes.
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

/** Room at first; it doubles. */
const FIRST_ROOM = 2048;

export function createOrderedQueue<Element>(): OrderedQueue<Element> {
  /** What is queued stands from `front` to `end`, in order: its number, and its slot among the elements. */
  let orders = new Float64Array(FIRST_ROOM);
  let slots = Int32Array.from(orders, (_, slot) => slot);
  let elements = new Array<Element | undefined>(FIRST_ROOM).fill(undefined);
  let front = 0;
  let end = 0;

  /** Behind `end` there is room again; free slots stand there, as they do before `front`. */
  function makeRoom(): void {
    if (front < orders.length / 2) grow();
    const free = slots.slice(0, front);
    orders.copyWithin(0, front, end);
    slots.copyWithin(0, front, end);
    slots.set(free, end - front);
    end -= front;
    front = 0;
  }

  function grow(): void {
    const room = 2 * orders.length;
    const [oldOrders, oldSlots, oldElements] = [orders, slots, elements];
    orders = new Float64Array(room);
    orders.set(oldOrders);
    slots = Int32Array.from(orders, (_, slot) => slot);
    slots.set(oldSlots);
    elements = Array.from({ length: room }, (_, slot) => oldElements[slot]);
  }

  /** Where `order` belongs: most belong at the end. */
  function placeOf(order: number): number {
    if (end === front || (orders[end - 1] ?? order) <= order) return end;
    let [from, to] = [front, end - 1];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((orders[middle] ?? order) <= order) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  return {
    insert(element, order) {
      if (end === orders.length) makeRoom();
      const slot = slots[end] ?? 0;
      const place = placeOf(order);
      if (place < end) {
        orders.copyWithin(place + 1, place, end);
        slots.copyWithin(place + 1, place, end);
      }
      orders[place] = order;
      slots[place] = slot;
      elements[slot] = element;
      end++;
    },
    at: (index) => (index < end - front ? elements[slots[front + index] ?? 0] : undefined),
    firstOrder: () => (end > front ? (orders[front] ?? Infinity) : Infinity),
    shift() {
      if (end === front) return;
      elements[slots[front] ?? 0] = undefined;
      front++;
    },
    size: () => end - front,
  };
}
