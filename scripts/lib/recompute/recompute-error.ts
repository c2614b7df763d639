/** Why nothing could be compared: one sentence for whoever runs it. */
export class RecomputeError extends Error {}
