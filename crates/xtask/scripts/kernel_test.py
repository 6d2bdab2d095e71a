"""jupyter_kernel_test's suite for our kernel.

What it leaves out, and why:
- execute_result: the value of a cell's last line comes as display_data, as everything a cell shows does: it is
  shown when it is made, in order with the charts before it, so at that moment nobody knows that it is the last.
- history, pager, clear_output: the kernel keeps no history, has no pager, and clears nothing.
"""

import unittest

import jupyter_kernel_test


class CltvKernel(jupyter_kernel_test.KernelTests):
    kernel_name = "cltv"
    language_name = "Rust"
    file_extension = ".rs"
    code_hello_world = 'println!("hello, world");'
    code_stderr = 'eprintln!("oops");'
    code_generate_error = 'panic!("boom");'
    code_display_data = [
        # A value that shows itself: printed markers are text.
        {"code": 'struct Bold;\nimpl Bold { fn evcxr_display(&self) { println!("EVCXR_BEGIN_CONTENT text/html\\n<b>1</b>\\nEVCXR_END_CONTENT"); } }\nBold', "mime": "text/html"},
        {"code": "1 + 1", "mime": "text/plain"},
    ]
    code_inspect_sample = "use cltv::prelude::*; BgNbd"
    completion_samples = [{"text": "cltv::prelude::BgN", "matches": {"BgNbd", "BgNbdParams"}}]
    complete_code_samples = ["1", "let a = 1;", "fn f() {\n    1;\n}", ':dep itoa = "1"']
    incomplete_code_samples = ["fn f() {", 'let s = "open', "let x ="]
    invalid_code_samples = ["let = 1;", "f(1))"]


if __name__ == "__main__":
    unittest.main(verbosity=2)
