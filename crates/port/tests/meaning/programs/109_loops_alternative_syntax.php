<?php
// Colons instead of braces, and text outside.
$items = ['tea' => 10, 'cup' => 5];
?>
<ul>
<?php foreach ($items as $name => $price): ?>
  <li><?= $name ?>: <?= number_format($price, 2) ?></li>
<?php endforeach; ?>
</ul>
<?php if (count($items) > 1): ?>
many
<?php elseif ($items): ?>
one
<?php else: ?>
none
<?php endif;
echo "end\n";
