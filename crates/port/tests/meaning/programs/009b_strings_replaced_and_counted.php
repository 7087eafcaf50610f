<?php
// How often something was replaced.
echo str_replace(['红', '绿'], ['黑', '黄'], '红茶，绿茶，白茶', $count), ' ', $count, "\n";
