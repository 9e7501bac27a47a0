namespace MtlsSidecar.Proxy.Configuration.Reading;

/// <summary>Finds the key that a misspelt one probably meant.</summary>
internal static class KeySuggestion
{
    /// <summary>The end of a message: the nearest known key, or all of them when none is near.</summary>
    public static string For(string key, IEnumerable<string> known)
    {
        var names = known.ToArray();
        var nearest = names.Select(name => (Name: name, Distance: Distance(key.ToUpperInvariant(), name.ToUpperInvariant())))
            .OrderBy(candidate => candidate.Distance)
            .FirstOrDefault();
        return nearest.Name is not null && nearest.Distance <= Math.Max(1, nearest.Name.Length / 3)
            ? $"; did you mean {nearest.Name}?"
            : $"; known here: {string.Join(", ", names)}";
    }

    /// <summary>Edits of one character (insert, delete, replace, swap of neighbours) between two texts.</summary>
    private static int Distance(string left, string right)
    {
        const int Longest = 64;
        if (left.Length > Longest)
        {
            return int.MaxValue;
        }

        var cost = new int[left.Length + 1, right.Length + 1];
        for (var row = 0; row <= left.Length; row++)
        {
            for (var column = 0; column <= right.Length; column++)
            {
                cost[row, column] = row == 0 || column == 0
                    ? row + column
                    : Math.Min(
                        Math.Min(cost[row - 1, column], cost[row, column - 1]) + 1,
                        cost[row - 1, column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1));
                if (row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1])
                {
                    cost[row, column] = Math.Min(cost[row, column], cost[row - 2, column - 2] + 1);
                }
            }
        }

        return cost[left.Length, right.Length];
    }
}
