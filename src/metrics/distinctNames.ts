/**
 * Counts distinct names in constant memory: HyperLogLog (Flajolet et al. 2007) with 256 registers, 6.5 % standard
 * error, in two halves of which the older is dropped every ten minutes.
 */

export interface DistinctNames {
  /** `nameHash`: of a question (records/query.ts). */
  add(nameHash: number, now: number): void;
  /** The estimate for the last 10 to 20 minutes. */
  estimate(now: number): number;
}

const REGISTERS = 256;
const HALF_MS = 10 * 60_000;
/** Bias correction for 256 registers (section 4 of the paper). */
const ALPHA = 0.7213 / (1 + 1.079 / REGISTERS);

export function createDistinctNames(): DistinctNames {
  let recent = new Uint8Array(REGISTERS);
  let older = new Uint8Array(REGISTERS);
  let half = -1;

  function turn(now: number): void {
    const current = Math.floor(now / HALF_MS);
    if (current <= half) return;
    older = current === half + 1 ? recent : new Uint8Array(REGISTERS);
    recent = new Uint8Array(REGISTERS);
    half = current;
  }

  return {
    add(nameHash, now) {
      turn(now);
      const hash = mix(nameHash);
      const register = hash & (REGISTERS - 1);
      // Rank: position of the first 1 in the 24 bits that are left.
      const rank = Math.clz32(hash >>> 8) - 8 + 1;
      if (rank > (recent[register] ?? 0)) recent[register] = rank;
    },
    estimate(now) {
      turn(now);
      let sum = 0;
      let empty = 0;
      for (let register = 0; register < REGISTERS; register++) {
        const rank = Math.max(recent[register] ?? 0, older[register] ?? 0);
        sum += 2 ** -rank;
        if (rank === 0) empty++;
      }
      const raw = (ALPHA * REGISTERS * REGISTERS) / sum;
      // Linear counting is more exact while registers are empty.
      const isSmall = raw <= 2.5 * REGISTERS && empty > 0;
      return Math.round(isSmall ? REGISTERS * Math.log(REGISTERS / empty) : raw);
    },
  };
}

/** The final mix of murmur3 (fmix32): a hash of a text alone leaves the high bits weak. */
function mix(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
