/*
 * Keeps the wallet's own files on the device, so that it opens without a network. Nothing of what the holder does passes
 * through here: only these files and the city's colours and name are ever stored. The build fills in the list.
 */
const version = '__VERSION__'
const files = __FILES__
const cacheName = `symbolon-wallet-${version}`
/** Asked from the network first, answered from here when there is none. */
const fresh = ['/theme.css']

self.addEventListener('install', (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(cacheName)
    await cache.addAll(files.map((file) => new Request(file, { cache: 'reload' })))
    // Colours are no reason to do without the wallet offline.
    await Promise.all(fresh.map((file) => cache.add(file).catch(() => {})))
    await self.skipWaiting()
  })())
})

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith('symbolon-wallet-') && name !== cacheName) await caches.delete(name)
    }
    await self.clients.claim()
  })())
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== self.location.origin) return
  if (fresh.includes(pathname)) event.respondWith(answerFresh(request))
  else if (request.mode === 'navigate' && pathname === '/wallet/') event.respondWith(answerStored('/wallet/', request))
  else if (files.includes(pathname)) event.respondWith(answerStored(pathname, request))
})

async function answerStored(path, request) {
  const cache = await caches.open(cacheName)
  return await cache.match(path) ?? fetch(request)
}

async function answerFresh(request) {
  const cache = await caches.open(cacheName)
  try {
    const response = await fetch(request)
    if (response.ok) await cache.put(request, response.clone())
    return response
  } catch (error) {
    const stored = await cache.match(request)
    if (stored === undefined) throw error
    return stored
  }
}
