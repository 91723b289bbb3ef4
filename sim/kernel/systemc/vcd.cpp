/* SPDX-License-Identifier: MIT */
/*
 * Waveforms. SystemC's own tracing writes a file while a simulation of its
 * runs; so the changes are played, in a context that exists for nothing else.
 * Its file begins with the date: that is left out.
 */
#include "context_internal.h"

#include "dmasim/systemc.h"

#include "backend_internal.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include <unistd.h>

namespace
{

/* A folder with the one file that SystemC writes. */
class Folder
{
      public:
	Folder()
	{
		const char *tmp = std::getenv("TMPDIR");

		path_ = std::string(tmp && *tmp ? tmp : "/tmp") +
		        "/dmasim-vcd-XXXXXX";
		made_ = mkdtemp(&path_[0]) != nullptr;
	}
	~Folder()
	{
		if (!made_)
			return;
		unlink(file().c_str());
		rmdir(path_.c_str());
	}
	Folder(const Folder &) = delete;
	Folder &operator=(const Folder &) = delete;

	bool made() const
	{
		return made_;
	}
	/* SystemC appends ".vcd" itself. */
	std::string stem() const
	{
		return path_ + "/waves";
	}
	std::string file() const
	{
		return stem() + ".vcd";
	}

      private:
	std::string path_;
	bool made_ = false;
};

class Player
{
      public:
	explicit Player(const dmasim_vcd *vcd);
	~Player();
	Player(const Player &) = delete;
	Player &operator=(const Player &) = delete;

	void play(const std::string &stem);

      private:
	void step();
	void apply(const dmasim_change &c);

	const dmasim_vcd *vcd_;
	size_t next_ = 0;
	bool last_ = false;
	std::unique_ptr<sc_core::sc_simcontext> context_;
	std::vector<std::unique_ptr<sc_dt::sc_lv_base>> values_;
};

Player::Player(const dmasim_vcd *vcd) : vcd_(vcd)
{
	/* The first context must exist, and for ever. */
	sc_core::sc_get_curr_simcontext();
	context_ = std::make_unique<sc_core::sc_simcontext>();
}

Player::~Player()
{
	ContextScope scope(context_.get());

	values_.clear();
	context_.reset();
}

/* Bits @from to @from + 31 of @bytes, of which @width bits count. */
sc_dt::sc_digit word_of(const uint8_t *bytes, unsigned from, unsigned width)
{
	sc_dt::sc_digit word = 0;

	for (unsigned i = from; i < width && i < from + 32; i++)
		word |= static_cast<sc_dt::sc_digit>(bytes[i / 8] >> i % 8 & 1)
		        << (i - from);
	return word;
}

/* A bit is X where both its value and its control bit are set. */
void Player::apply(const dmasim_change &c)
{
	sc_dt::sc_lv_base &value = *values_[c.signal];
	unsigned width = vcd_->signals[c.signal].width;

	for (unsigned from = 0; from < width; from += 32) {
		unsigned n = width - from < 32 ? width - from : 32;
		sc_dt::sc_digit all = ~0u >> (32 - n);
		sc_dt::sc_digit known =
		        c.known ? word_of(c.known, from, width) : all;
		sc_dt::sc_digit bits = word_of(c.bits, from, width);

		value.set_word(static_cast<int>(from / 32),
		               (bits & known) | (all & ~known));
		value.set_cword(static_cast<int>(from / 32), all & ~known);
	}
}

/* All changes of this instant; then time goes on to the next. SystemC writes
 * an instant down when it leaves it, so there is one more after the last. */
void Player::step()
{
	uint64_t now = sc_core::sc_time_stamp().value();

	while (next_ < vcd_->change_count && vcd_->changes[next_].time == now)
		apply(vcd_->changes[next_++]);
	if (next_ < vcd_->change_count)
		sc_core::next_trigger(sc_core::sc_time::from_value(
		        vcd_->changes[next_].time - now));
	else if (!last_) {
		last_ = true;
		sc_core::next_trigger(sc_core::sc_time::from_value(1));
	}
}

void Player::play(const std::string &stem)
{
	ContextScope scope(context_.get());
	sc_core::sc_spawn_options options;
	sc_core::sc_trace_file *file =
	        sc_core::sc_create_vcd_trace_file(stem.c_str());

	try {
		file->set_time_unit(1, sc_core::SC_PS);
		for (size_t i = 0; i < vcd_->signal_count; i++) {
			values_.push_back(std::make_unique<sc_dt::sc_lv_base>(
			        static_cast<int>(vcd_->signals[i].width)));
			sc_core::sc_trace(file, *values_.back(),
			                  vcd_->signals[i].name);
		}
		options.spawn_method();
		sc_core::sc_spawn([this] { step(); }, "player", &options);
		sc_core::sc_start();
	} catch (...) {
		sc_core::sc_close_vcd_trace_file(file);
		throw;
	}
	sc_core::sc_close_vcd_trace_file(file);
}

/* From the first line that is not of the host and the day on. */
int copy_from_timescale(const std::string &path, FILE *out)
{
	FILE *in = std::fopen(path.c_str(), "r");
	bool begun = false, at_line = true;
	char text[4096];

	if (!in)
		return DMASIM_E_IO;
	while (std::fgets(text, sizeof(text), in)) {
		begun |= at_line && std::strncmp(text, "$timescale", 10) == 0;
		at_line = std::strchr(text, '\n') != nullptr;
		if (begun)
			std::fputs(text, out);
	}
	bool failed = std::ferror(in) != 0 || !begun;

	std::fclose(in);
	return failed || std::fflush(out) != 0 || std::ferror(out) ? DMASIM_E_IO
	                                                           : DMASIM_OK;
}

bool is_valid(const dmasim_vcd *vcd)
{
	uint64_t last = 0;

	if (vcd->signal_count == 0)
		return false;
	for (size_t i = 0; i < vcd->signal_count; i++)
		if (!vcd->signals[i].name || !vcd->signals[i].width ||
		    vcd->signals[i].width > DMASIM_SIGNAL_BITS)
			return false;
	for (size_t i = 0; i < vcd->change_count; i++) {
		if (vcd->changes[i].signal >= vcd->signal_count ||
		    vcd->changes[i].time < last)
			return false;
		last = vcd->changes[i].time;
	}
	return true;
}

} // namespace

int dmasim_systemc_vcd(const struct dmasim_vcd *vcd, FILE *out)
{
	if (!is_valid(vcd))
		return DMASIM_E_INVAL;
	/* The back end's object also has what libsystemc needs to load. */
	if (dmasim_backend_systemc()->busy())
		return DMASIM_E_STATE;
	try {
		Folder folder;

		if (!folder.made())
			return DMASIM_E_IO;
		Player(vcd).play(folder.stem());
		return copy_from_timescale(folder.file(), out);
	} catch (const std::bad_alloc &) {
		return DMASIM_E_NOMEM;
	} catch (...) {
		return DMASIM_E_KERNEL;
	}
}
