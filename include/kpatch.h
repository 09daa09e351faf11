/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a fix can say to libcare, written into the source that it changes:
 * functions to run when the patch goes in or out, functions and variables that
 * need a word more than the compiler's output says, and data attached to objects
 * that have no room for it. docs/hooks.rst is the manual, with examples.
 *
 *     KPATCH_PRE_APPLY(fn);           int fn(void): not 0 refuses the patch
 *     KPATCH_POST_APPLY(fn);          void fn(void)
 *     KPATCH_PRE_UNDO(fn);            int fn(void): not 0 refuses to take it out
 *     KPATCH_POST_UNDO(fn);           void fn(void)
 *     KPATCH_FORCE(fn);               replace fn although its code is equal
 *     KPATCH_IGNORE(var, "reason");   var's new initial value or size does not matter
 *     KPATCH_UNSAFE(fn);              no thread may be inside fn when the patch goes in
 *     KPATCH_ACCEPT_LAYOUT("struct s", "reason");
 *                                     struct s changed, and live ones are no danger
 *
 * Each stands where a declaration may stand, outside of functions, KPATCH_IGNORE of
 * a static local variable inside the function behind it. C from gnu89 on, and C++.
 *
 * A mark is a constant in a section that kpatch_gensrc reads and leaves out of the
 * patch: it costs nothing in the process. Nothing here needs another header or a
 * library but malloc and free, which shadow variables use.
 */
#ifndef KPATCH_H
#define KPATCH_H

/* ---- marks ---------------------------------------------------------------- */

#define KPATCH_PASTE_(a, b, c, d) a##b##_##c##_##d
#define KPATCH_PASTE(a, b, c, d) KPATCH_PASTE_(a, b, c, d)
/* Two marks of one kind in one line of one file are one too many. */
#define KPATCH_NAME(kind) KPATCH_PASTE(kpatch_mark_, kind, __INCLUDE_LEVEL__, __LINE__)
#define KPATCH_SECTION(kind) __attribute__((used, aligned(8), section(".kpatch_mark." #kind)))

/* The casts are C's on purpose: they mean the same in both languages. */
#define KPATCH_INT_HOOK(kind, fn)                                                                  \
  static int (*const KPATCH_NAME(kind))(void) KPATCH_SECTION(kind) = fn
#define KPATCH_VOID_HOOK(kind, fn)                                                                 \
  static void (*const KPATCH_NAME(kind))(void) KPATCH_SECTION(kind) = fn
#define KPATCH_FUNCTION(kind, fn)                                                                  \
  static void (*const KPATCH_NAME(kind))(void) KPATCH_SECTION(kind) = (void (*)(void))(fn)

#define KPATCH_PRE_APPLY(fn) KPATCH_INT_HOOK(pre_apply, fn)
#define KPATCH_POST_APPLY(fn) KPATCH_VOID_HOOK(post_apply, fn)
#define KPATCH_PRE_UNDO(fn) KPATCH_INT_HOOK(pre_undo, fn)
#define KPATCH_POST_UNDO(fn) KPATCH_VOID_HOOK(post_undo, fn)
#define KPATCH_FORCE(fn) KPATCH_FUNCTION(force, fn)
#define KPATCH_UNSAFE(fn) KPATCH_FUNCTION(unsafe, fn)
#define KPATCH_IGNORE(var, reason)                                                                 \
  static const struct {                                                                            \
    const volatile void *object;                                                                   \
    char text[sizeof(reason)];                                                                     \
  } KPATCH_NAME(ignore) KPATCH_SECTION(ignore) = {(const volatile void *)&(var), reason}

/* A line that kpatch_make reads in the compiler's output; both are string literals. */
#define KPATCH_ACCEPT_LAYOUT(type, reason) __asm__("# KPATCH_ACCEPT_LAYOUT " type ": " reason)

/* ---- shadow variables -------------------------------------------------------
 *
 * Data attached to an object by the object's address and a number that says what the
 * data is: a field that the running program's objects have no room for. The table
 * belongs to the patch of one executable or library; all of its files share it, and
 * a newer patch level takes it over.
 *
 * Any thread may call these at any time, but no signal handler may. What get()
 * returned lives until free() is called for it: code that frees the object detaches
 * its shadow first, as who looks at an object keeps it from being freed.
 *
 * Hooks may call them too: nothing in them waits for another thread then. Memory that
 * a hook takes comes from the kernel and is never given back; memory that a hook frees
 * is given to free() by the next call from elsewhere, or never after an undo.
 *
 * A child that fork() made while another thread was in one of these may find the
 * table locked for ever: as with any lock, a child of a threaded process execs.
 */

/* Sets up new data. Not 0 when it cannot: then nothing is attached. Runs under the
 * table's lock, hence calls none of these functions. */
typedef int (*kpatch_shadow_ctor)(void *object, void *data, void *ctor_data);
/* Cleans up behind data that is detached already. */
typedef void (*kpatch_shadow_dtor)(void *object, void *data);

struct kpatch_shadow { /* in front of the data, which is aligned to 16 bytes */
  struct kpatch_shadow *next;
  void *object;
  unsigned long id;
  unsigned long in_pool; /* not from malloc */
};

/* The doctor knows in_hook and the size; a table of another layout has another name. */
struct kpatch_shadow_table {
  unsigned int lock;    /* 0 free, 1 taken, 2 taken and waited for */
  unsigned int in_hook; /* set by the doctor while it runs a hook */
  unsigned long count;
  unsigned long buckets;       /* a power of two, or 0 */
  struct kpatch_shadow *array; /* its data is the buckets */
  struct kpatch_shadow *dead;  /* freed by hooks */
  char *pool;                  /* where hooks get memory */
  unsigned long pool_left;
};

#ifdef __cplusplus
extern "C" {
#endif
/* The first of all files' is taken. Only code that uses it brings it into a patch. */
struct kpatch_shadow_table kpatch_shadow_table_1
    __attribute__((weak, visibility("hidden"), aligned(16)));
#ifdef __cplusplus
}
#endif

#define KPATCH_INLINE static __inline__ __attribute__((unused))
#define KPATCH_DATA(shadow) ((void *)((shadow) + 1))

KPATCH_INLINE long kpatch_syscall(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

/* Ulrich Drepper, "Futexes Are Tricky", mutex 2. 202 is futex, 128 and 129 are private
 * FUTEX_WAIT and FUTEX_WAKE. */
KPATCH_INLINE void kpatch_shadow_lock(struct kpatch_shadow_table *table) {
  unsigned int was = 0;
  if (__atomic_compare_exchange_n(&table->lock, &was, 1u, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
    return;
  while (__atomic_exchange_n(&table->lock, 2u, __ATOMIC_ACQUIRE) != 0)
    kpatch_syscall(202, (long)&table->lock, 128, 2, 0, 0, 0);
}

KPATCH_INLINE void kpatch_shadow_unlock(struct kpatch_shadow_table *table) {
  if (__atomic_exchange_n(&table->lock, 0u, __ATOMIC_RELEASE) == 2)
    kpatch_syscall(202, (long)&table->lock, 129, 1, 0, 0, 0);
}

/* For hooks, where malloc's locks may be held by threads that stand still. 9 is mmap:
 * read and write, private and anonymous. */
KPATCH_INLINE struct kpatch_shadow *kpatch_shadow_from_pool(struct kpatch_shadow_table *table,
                                                            unsigned long size) {
  struct kpatch_shadow *shadow;
  size = (size + 15) & ~15ul;
  if (table->pool_left < size) {
    unsigned long chunk = (size + 0x3ffff) & ~0x3fffful;
    long memory = kpatch_syscall(9, 0, (long)chunk, 3, 0x22, -1, 0);
    if (memory < 0 && memory > -4096)
      return (struct kpatch_shadow *)0;
    table->pool = (char *)memory;
    table->pool_left = chunk;
  }
  shadow = (struct kpatch_shadow *)(void *)table->pool;
  table->pool += size;
  table->pool_left -= size;
  shadow->in_pool = 1;
  return shadow;
}

/* Zeroed room for `size` bytes, or null. */
KPATCH_INLINE struct kpatch_shadow *kpatch_shadow_new(struct kpatch_shadow_table *table,
                                                      unsigned long size) {
  struct kpatch_shadow *shadow;
  unsigned long whole = size + sizeof(*shadow);
  if (whole < size)
    return (struct kpatch_shadow *)0;
  if (table->in_hook)
    return kpatch_shadow_from_pool(table, whole);
  shadow = (struct kpatch_shadow *)__builtin_malloc(whole);
  if (shadow)
    __builtin_memset((void *)shadow, 0, whole);
  return shadow;
}

/* Gives back what is in no table any more. */
KPATCH_INLINE void kpatch_shadow_release(struct kpatch_shadow_table *table,
                                         struct kpatch_shadow *shadow) {
  if (!shadow || shadow->in_pool)
    return;
  if (!table->in_hook) {
    __builtin_free((void *)shadow);
    return;
  }
  shadow->next = table->dead;
  __atomic_store_n(&table->dead, shadow, __ATOMIC_RELAXED);
}

/* What hooks have freed. */
KPATCH_INLINE void kpatch_shadow_bury(struct kpatch_shadow_table *table) {
  struct kpatch_shadow *dead;
  if (table->in_hook || !__atomic_load_n(&table->dead, __ATOMIC_RELAXED))
    return;
  kpatch_shadow_lock(table);
  dead = table->dead;
  __atomic_store_n(&table->dead, (struct kpatch_shadow *)0, __ATOMIC_RELAXED);
  kpatch_shadow_unlock(table);
  while (dead) {
    struct kpatch_shadow *next = dead->next;
    __builtin_free((void *)dead);
    dead = next;
  }
}

/* The place that holds the pointer to (object, id), or to the end of its chain; null
 * when there are no buckets yet. The multiplier is 2^64 divided by the golden ratio. */
KPATCH_INLINE struct kpatch_shadow **kpatch_shadow_find(const struct kpatch_shadow_table *table,
                                                        const void *object, unsigned long id) {
  struct kpatch_shadow **at;
  unsigned long hash = (((unsigned long)object >> 4) + id * 31) * 0x9e3779b97f4a7c15ul;
  if (!table->buckets)
    return (struct kpatch_shadow **)0;
  at = (struct kpatch_shadow **)KPATCH_DATA(table->array) + ((hash >> 32) & (table->buckets - 1));
  while (*at && ((*at)->object != object || (*at)->id != id))
    at = &(*at)->next;
  return at;
}

/* Makes `array` the buckets, if it has more than there are, and returns the one that
 * is left over. */
KPATCH_INLINE struct kpatch_shadow *kpatch_shadow_grow(struct kpatch_shadow_table *table,
                                                       struct kpatch_shadow *array,
                                                       unsigned long buckets) {
  struct kpatch_shadow_table old = *table;
  unsigned long i;
  if (!array || buckets <= old.buckets)
    return array;
  table->array = array;
  __atomic_store_n(&table->buckets, buckets, __ATOMIC_RELAXED);
  for (i = 0; i < old.buckets; i++) {
    struct kpatch_shadow *shadow = ((struct kpatch_shadow **)KPATCH_DATA(old.array))[i];
    while (shadow) {
      struct kpatch_shadow *next = shadow->next;
      struct kpatch_shadow **at = kpatch_shadow_find(table, shadow->object, shadow->id);
      shadow->next = *at;
      *at = shadow;
      shadow = next;
    }
  }
  return old.array;
}

/* Under the lock; kpatch_shadow_make_room() looks without it. */
KPATCH_INLINE void kpatch_shadow_count(struct kpatch_shadow_table *table, int change) {
  __atomic_store_n(&table->count, table->count + (unsigned long)(long)change, __ATOMIC_RELAXED);
}

/* Keeps chains short: on average two in each. Without memory they grow longer. */
KPATCH_INLINE int kpatch_shadow_make_room(struct kpatch_shadow_table *table) {
  unsigned long buckets = __atomic_load_n(&table->buckets, __ATOMIC_RELAXED);
  struct kpatch_shadow *array;
  if (buckets && __atomic_load_n(&table->count, __ATOMIC_RELAXED) < 2 * buckets)
    return 1;
  buckets = buckets ? 2 * buckets : 64;
  array = kpatch_shadow_new(table, buckets * sizeof(void *));
  kpatch_shadow_lock(table);
  array = kpatch_shadow_grow(table, array, buckets);
  buckets = table->buckets;
  kpatch_shadow_unlock(table);
  kpatch_shadow_release(table, array);
  return buckets != 0;
}

KPATCH_INLINE void *kpatch_shadow_attach(void *object, unsigned long id, unsigned long size,
                                         kpatch_shadow_ctor ctor, void *ctor_data,
                                         int existing_will_do) {
  struct kpatch_shadow_table *table = &kpatch_shadow_table_1;
  struct kpatch_shadow *shadow, **at;
  void *data = (void *)0;
  kpatch_shadow_bury(table);
  shadow = kpatch_shadow_new(table, size);
  if (!shadow || !kpatch_shadow_make_room(table)) {
    kpatch_shadow_release(table, shadow);
    return data;
  }
  kpatch_shadow_lock(table);
  at = kpatch_shadow_find(table, object, id);
  if (*at) {
    data = existing_will_do ? KPATCH_DATA(*at) : (void *)0;
  } else if (!ctor || ctor(object, KPATCH_DATA(shadow), ctor_data) == 0) {
    shadow->object = object;
    shadow->id = id;
    *at = shadow;
    kpatch_shadow_count(table, 1);
    data = KPATCH_DATA(shadow);
    shadow = (struct kpatch_shadow *)0;
  }
  kpatch_shadow_unlock(table);
  kpatch_shadow_release(table, shadow);
  return data;
}

/* The data attached to `object` under `id`, or null. */
KPATCH_INLINE void *kpatch_shadow_get(const void *object, unsigned long id) {
  struct kpatch_shadow_table *table = &kpatch_shadow_table_1;
  struct kpatch_shadow **at;
  void *data = (void *)0;
  kpatch_shadow_lock(table);
  at = kpatch_shadow_find(table, object, id);
  if (at && *at)
    data = KPATCH_DATA(*at);
  kpatch_shadow_unlock(table);
  return data;
}

/* Attaches `size` zeroed bytes, then set up by `ctor` (which may be null). Null when
 * there are some already, without memory, or when `ctor` says so. */
KPATCH_INLINE void *kpatch_shadow_alloc(void *object, unsigned long id, unsigned long size,
                                        kpatch_shadow_ctor ctor, void *ctor_data) {
  return kpatch_shadow_attach(object, id, size, ctor, ctor_data, 0);
}

/* What is attached; else the same as kpatch_shadow_alloc(). Of two threads that ask at
 * the same time, one creates and both get the same. */
KPATCH_INLINE void *kpatch_shadow_get_or_alloc(void *object, unsigned long id, unsigned long size,
                                               kpatch_shadow_ctor ctor, void *ctor_data) {
  void *data = kpatch_shadow_get(object, id);
  return data ? data : kpatch_shadow_attach(object, id, size, ctor, ctor_data, 1);
}

/* Detaches and frees; nothing happens when nothing is attached. */
KPATCH_INLINE void kpatch_shadow_free(void *object, unsigned long id, kpatch_shadow_dtor dtor) {
  struct kpatch_shadow_table *table = &kpatch_shadow_table_1;
  struct kpatch_shadow **at, *shadow = (struct kpatch_shadow *)0;
  kpatch_shadow_bury(table);
  kpatch_shadow_lock(table);
  at = kpatch_shadow_find(table, object, id);
  if (at && *at) {
    shadow = *at;
    *at = shadow->next;
    kpatch_shadow_count(table, -1);
  }
  kpatch_shadow_unlock(table);
  if (shadow && dtor)
    dtor(shadow->object, KPATCH_DATA(shadow));
  kpatch_shadow_release(table, shadow);
}

/* The same for all objects that have something under `id`. */
KPATCH_INLINE void kpatch_shadow_free_all(unsigned long id, kpatch_shadow_dtor dtor) {
  struct kpatch_shadow_table *table = &kpatch_shadow_table_1;
  struct kpatch_shadow *found = (struct kpatch_shadow *)0;
  unsigned long i;
  kpatch_shadow_bury(table);
  kpatch_shadow_lock(table);
  for (i = 0; i < table->buckets; i++) {
    struct kpatch_shadow **at = (struct kpatch_shadow **)KPATCH_DATA(table->array) + i;
    while (*at) {
      struct kpatch_shadow *shadow = *at;
      if (shadow->id != id) {
        at = &shadow->next;
        continue;
      }
      *at = shadow->next;
      shadow->next = found;
      found = shadow;
      kpatch_shadow_count(table, -1);
    }
  }
  kpatch_shadow_unlock(table);
  while (found) {
    struct kpatch_shadow *next = found->next;
    if (dtor)
      dtor(found->object, KPATCH_DATA(found));
    kpatch_shadow_release(table, found);
    found = next;
  }
}

#endif
