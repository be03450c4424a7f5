/* What the manual page of a call says whose answer is a file of bills. */
#include "client/print/print.h"
#include "spec/bill/lines.h"

/* A kind of file that a call answers. */
struct kind {
    const char *title, *kind, *line, *summary; /* the last two are structs */
    const struct fz_bill *columns;
};

/* Behind a link is the bill that it was asked for. */
static const struct kind linked[] = {
    {"the refund bill", "FZ_BILL_REFUNDS", "fz_refund_bill_line", "fz_refund_bill_summary", &fz_refund_bill},
    {"the distribution bill", "FZ_BILL_DISTRIBUTIONS", "fz_distribution_bill_line", "fz_distribution_bill_summary", &fz_distribution_bill},
    {0},
};
static const struct kind statement[] = {
    {"the transaction statement", "FZ_BILL_STATEMENT", "fz_trade_bill_line", "fz_trade_bill_summary", &fz_trade_bill},
    {0},
};

static const struct kind *kinds_of(const struct fz_spec *spec)
{
    return spec->answers_file == FZ_FILE_WITH_SHA1 ? statement : linked;
}

void fz_print_file_synopsis(FILE *out, const struct fz_spec *spec)
{
    fputs(".SH SYNOPSIS\n.nf\n.B #include <fenzhang.h>\n.PP\n.B struct fz_bill_day day = FZ_INIT(fz_bill_day);\n", out);
    for (const struct kind *kind = kinds_of(spec); kind->title != NULL; kind++)
        fprintf(out, ".B %sday.kind = %s;\n", kind == kinds_of(spec) ? "" : "/* or */ ", kind->kind);
    fputs(".B day.date = \\(dq2026\\-01\\-04\\(dq;\n"
          ".B fz_bill_read_day(client, &day, options, on_row, argument, &error);\n.fi\n", out);
}

static void print_block(FILE *out, const struct fz_bill_block *block)
{
    for (const struct fz_column *column = block->columns; column->name != NULL; column++) {
        fputs(".TP\n.B \"", out);
        fz_print_text(out, column->name);
        fputs("\"\n", out);
        fz_print_text(out, column->meaning);
        fputs(".\n", out);
    }
}

void fz_print_file_columns(FILE *out, const struct fz_spec *spec)
{
    for (const struct kind *kind = kinds_of(spec); kind->title != NULL; kind++) {
        fprintf(out, ".SS Lines of %s\nThe columns, in the order of the file and of struct %s.\n", kind->title, kind->line);
        print_block(out, &kind->columns->details);
        fprintf(out, ".SS Summary of %s\nA line for each settlement currency, struct %s.\n", kind->title, kind->summary);
        print_block(out, &kind->columns->summary);
    }
}
