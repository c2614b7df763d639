/** `npm run bench [-- name …]`: see `bench/run.ts`. */
await import('../bench/run.ts')
