namespace PodAgent.Api.Validation;

/// <summary>The rules for paths inside of volumes: none may lead out of them.</summary>
internal static class PathRules
{
    /// <summary>Relative, and no step backwards.</summary>
    public static void Relative(string value, string path, FieldErrors errors)
    {
        if (value.StartsWith('/'))
        {
            errors.Invalid(path, value, "must be a relative path");
        }

        NoBacksteps(value, path, errors);
    }

    /// <summary>No element is "..".</summary>
    public static void NoBacksteps(string value, string path, FieldErrors errors)
    {
        if (value.Split('/', '\\').Contains(".."))
        {
            errors.Invalid(path, value, "must not contain '..'");
        }
    }

    /// <summary>As <see cref="Relative"/>, for files that the agent writes beside its own "..data".</summary>
    public static void ProjectedFile(string value, string path, FieldErrors errors)
    {
        Relative(value, path, errors);
        if (value.StartsWith("..", StringComparison.Ordinal) && !value.StartsWith("../", StringComparison.Ordinal) && value != "..")
        {
            errors.Invalid(path, value, "must not start with '..'");
        }
    }
}
