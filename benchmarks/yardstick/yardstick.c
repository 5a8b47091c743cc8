/* The inner work of fidelity `events` among landscape rivals, as a C compiler does it.
 *
 * For each cell and hour: four Philox4x32-10 words a search in blocks, slots by thresholds of the
 * first word, clicks by thresholds of the second, charges by table from the third, orders from the
 * fourth, carts from a word of their own. The sums must be those of the kernels, number by number.
 *
 * Philox: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
#include <math.h>
#include <stdint.h>

#define BLOCK 256
#define WIDE 16 /* searches a vector holds: a few more cost less than a few one by one */
#define ROUNDS 10
#define SEARCH 3u /* decisions, as in kernels/random.py */
#define CART 4u

typedef struct {
    uint64_t identity;
    uint64_t order; /* thresholds: a word below them decides for the event */
    uint64_t cart;
    int64_t first_price;
    int64_t prices;
    int64_t lowest; /* micros */
    int64_t cap;
    double decay; /* exp(-mean number of rivals above the own ad) */
    int64_t enters;
} Cell;

typedef struct {
    int64_t shown, positions, clicks, orders, carts, spent;
} Sums;

typedef struct {
    uint32_t seed, replication;
    int64_t n_slots;
    int64_t step;  /* micros */
    int64_t guide; /* buckets a row */
    const uint64_t *slot; /* [cells][n_slots] */
    const uint64_t *click;
    const double *below;
    const int32_t *guides;
} World;

typedef struct {
    uint32_t word[4][BLOCK];
} Words;

static void draw(Words *out, int n, uint32_t first, uint32_t hour, uint64_t identity,
                 const World *world)
{
    for (int i = 0; i < n; i++) {
        uint32_t a = first + (uint32_t)i, b = hour;
        uint32_t c = (uint32_t)identity, d = (uint32_t)(identity >> 32);
        uint32_t k0 = world->seed, k1 = world->replication;
#pragma GCC unroll 10
        for (int round = 0; round < ROUNDS; round++) {
            uint64_t p = (uint64_t)0xD2511F53u * a, q = (uint64_t)0xCD9E8D57u * c;
            a = (uint32_t)(q >> 32) ^ b ^ k0;
            c = (uint32_t)(p >> 32) ^ d ^ k1;
            b = (uint32_t)q;
            d = (uint32_t)p;
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        out->word[0][i] = a;
        out->word[1][i] = b;
        out->word[2][i] = c;
        out->word[3][i] = d;
    }
}

static int64_t charge(const World *world, const Cell *cell, uint32_t word)
{
    double chance = ((double)word + 0.5) * (1.0 / 4294967296.0) * cell->decay;
    double buckets = (double)(world->guide * cell->prices);
    int64_t bucket = (int64_t)(sqrt(sqrt(chance)) * buckets);
    int64_t row = world->guides[world->guide * cell->first_price + bucket];
    while (world->below[row] <= chance)
        row++;
    int64_t price = cell->lowest + (row - cell->first_price) * world->step;
    return price < cell->cap ? price : cell->cap;
}

static void count_slots(const Words *words, int n, const uint64_t *slot, int64_t n_slots,
                        Sums *sums)
{
    uint32_t total = 0, count = 0;
    for (int64_t k = 0; k < n_slots; k++) {
        if (slot[k] == 0)
            continue;
        uint32_t last = (uint32_t)(slot[k] - 1);
        count = 0;
        for (int i = 0; i < n; i++)
            count += words->word[0][i] <= last;
        total += count;
    }
    sums->shown += count;
    sums->positions += (n_slots + 1) * (int64_t)count - (int64_t)total;
}

static void work_clicks(const World *world, const Cell *cell, const Words *words, int n,
                        uint32_t first, uint32_t hour, const uint64_t *slot,
                        const uint64_t *click, Sums *sums)
{
    int64_t n_slots = world->n_slots;
    if (click[0] == 0 || slot[n_slots - 1] == 0)
        return;
    uint32_t may = (uint32_t)(click[0] - 1), seen = (uint32_t)(slot[n_slots - 1] - 1);
    for (int start = 0; start < n; start += 32) {
        int end = start + 32 < n ? start + 32 : n;
        uint32_t any = 0;
        for (int i = start; i < end; i++)
            any |= (words->word[0][i] <= seen) & (words->word[1][i] <= may);
        for (int i = start; any && i < end; i++) {
            if (words->word[1][i] > may || words->word[0][i] > seen)
                continue;
            int64_t place = 0;
            while (words->word[0][i] >= slot[place])
                place++;
            if (words->word[1][i] >= click[place])
                continue;
            sums->clicks++;
            sums->spent += charge(world, cell, words->word[2][i]);
            sums->orders += words->word[3][i] < cell->order;
            if (cell->cart > 0) {
                Words more;
                draw(&more, 1, first + (uint32_t)i, hour | CART << 24, cell->identity, world);
                sums->carts += more.word[0][0] < cell->cart;
            }
        }
    }
}

/* searches[hours][cells] in, sums out; examination does not rise, so click[0] is the highest. */
void play(const World *world, const Cell *cells, int64_t n_cells, int64_t n_hours,
          const int64_t *searches, Sums *sums)
{
    Words words;
    for (int64_t hour = 0; hour < n_hours; hour++) {
        for (int64_t i = 0; i < n_cells; i++) {
            const Cell *cell = cells + i;
            if (!cell->enters)
                continue;
            const uint64_t *slot = world->slot + i * world->n_slots;
            const uint64_t *click = world->click + i * world->n_slots;
            int64_t left = searches[hour * n_cells + i];
            for (uint32_t first = 0; left > 0; first += BLOCK, left -= BLOCK) {
                int n = left < BLOCK ? (int)left : BLOCK;
                int drawn = (n + WIDE - 1) / WIDE * WIDE;
                draw(&words, drawn, first, (uint32_t)hour | SEARCH << 24, cell->identity, world);
                count_slots(&words, n, slot, world->n_slots, sums);
                work_clicks(world, cell, &words, n, first, (uint32_t)hour, slot, click, sums);
            }
        }
    }
}
